import { openDatabase, readInScope, withScope, type Database, type Unit } from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import type { Caller } from '../identity/caller.js';

export const databasesToken = Symbol('databases');

/** Two roles in PostgreSQL: one sees what its scope allows, the other is the operators'. */
export class Databases {
  readonly api: Database;
  readonly operator: Database;

  constructor(configuration: Configuration['database'], warn: (message: string) => void) {
    const common = {
      poolSize: configuration.poolSize,
      connectTimeoutMilliseconds: configuration.connectTimeoutMilliseconds,
      statementTimeoutMilliseconds: configuration.statementTimeoutMilliseconds,
      warn,
    };
    this.api = openDatabase({ ...common, url: configuration.apiUrl, applicationName: 'groundcrew-api' });
    this.operator = openDatabase({
      ...common,
      url: configuration.operatorUrl,
      applicationName: 'groundcrew-api-operator',
    });
  }

  /** The connections on which this caller's work is done. */
  of(caller: Caller): Database {
    return caller.isOperator ? this.operator : this.api;
  }

  /** Does a caller's work in one transaction of its scope. */
  inScopeOf<Result>(caller: Caller, work: (unit: Unit) => Promise<Result>): Promise<Result> {
    return withScope(this.of(caller), caller.scope, work);
  }

  /** Reads what a caller may see, in fewer trips; neither changes nor holds anything. What rests on a partner's right holds that: `inScopeOf`. */
  readAs<Result>(caller: Caller, read: (unit: Unit) => Promise<Result>): Promise<Result> {
    return readInScope(this.of(caller), caller.scope, read);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.api.close(), this.operator.close()]);
  }
}
