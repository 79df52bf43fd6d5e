import { Client, Connection } from '@temporalio/client';

/** History events of a run's workflow, over all its executions. */
export async function historyEvents(address: string, runId: string): Promise<number> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const workflowId = `registration_order/${runId}`;
    let events = 0;
    for await (const execution of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
      const described = await client.workflow.getHandle(workflowId, execution.runId).describe();
      events += described.historyLength;
    }
    return events;
  } finally {
    await connection.close();
  }
}
