import { Migration } from '@mikro-orm/migrations';

/** The relay looks whether the assignment run that each tenant waits for is still executed, and has it started again where it is not. */
export class Migration20261121000821_lost_executions extends Migration {
  override up(): void {
    this.addSql(`
grant select (tenant_id, run_id) on registry.assignment_demand to groundcrew_relay;
create policy open_runs on registry.assignment_demand for select to groundcrew_relay using (run_id is not null);
create index assignment_demand_open on registry.assignment_demand (run_id) where run_id is not null;
create index outbox_start on registry.outbox (run_id) where topic = 'start_run';
`);
  }
}
