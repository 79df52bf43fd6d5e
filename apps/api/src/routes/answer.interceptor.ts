import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { concatMap, type Observable } from 'rxjs';
import { specOf, type Answer, type AnswerShape } from './operation.js';

/** Sends what a handler answers, after looking that it is exactly what the contract says: nothing more can leave. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<Answer>): Observable<void> {
    const spec = specOf(context.getHandler());
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      concatMap(async (answer) => {
        send(reply, answer, spec?.answers[answer.status]);
      }),
    );
  }
}

function send(reply: FastifyReply, answer: Answer, shape: AnswerShape | undefined): void {
  if (shape === undefined) throw new Error(`no answer ${answer.status} is declared for this operation`);
  if (reply.getHeader('cache-control') === undefined) reply.header('cache-control', 'no-store');
  void reply.status(answer.status).headers(answer.headers ?? {});
  if (typeof shape === 'string') {
    void reply.send(shape === 'nothing' ? undefined : answer.body);
    return;
  }
  const view = shape.parse(answer.body);
  void reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(view));
}
