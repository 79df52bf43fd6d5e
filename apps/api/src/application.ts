import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import helmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Foreground } from './intake/foreground.js';
import { apiModule } from './api.module.js';
import type { Configuration } from './configuration.js';
import { frameworkLogger } from './platform/logging.js';
import { sendProblem } from './problems/problem.filter.js';

/** Builds the application, ready to listen or to be called in a test. */
export async function createApplication(configuration: Configuration, logger: Logger): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    genReqId: () => randomBytes(16).toString('hex'),
    // Uploads may take long; what stands still is ended by `ArrivingBody`, and a header that never ends by this.
    requestTimeout: 0,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: true,
    frameworkErrors: (error: unknown, request: unknown, reply: unknown) =>
      sendProblem(request as FastifyRequest, reply as FastifyReply, error, logger),
  });
  const fastify = adapter.getInstance();
  // Bodies are not parsed before the caller is known: handlers read them, each in its own way.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });

  const application = await NestFactory.create<NestFastifyApplication>(apiModule(configuration, logger), adapter, {
    bodyParser: false,
    logger: frameworkLogger(logger),
    abortOnError: false,
    forceCloseConnections: true,
  });
  application.get(Foreground).watch(fastify);
  await application.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
    },
  });
  application.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  await application.init();
  await fastify.ready();
  return application;
}
