import { Controller } from '@nestjs/common';
import { Operation, operation, type Answer } from '../routes/operation.js';
import { docsPage } from './docs-page.js';
import { currentDocument } from './current-document.js';

const document = operation({
  id: 'openApiDocument',
  method: 'GET',
  path: '/openapi.json',
  tag: 'Platform',
  summary: 'This document.',
  permission: 'public',
  answers: { 200: 'document' },
});

const page = operation({
  id: 'docs',
  method: 'GET',
  path: '/docs',
  tag: 'Platform',
  summary: 'A page to read this document on.',
  permission: 'public',
  answers: { 200: 'page' },
});

@Controller()
export class OpenApiController {
  @Operation(document)
  async document(): Promise<Answer> {
    return {
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(await currentDocument()),
    };
  }

  @Operation(page)
  async page(): Promise<Answer> {
    return {
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: docsPage(await currentDocument()),
    };
  }
}
