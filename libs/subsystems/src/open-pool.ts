import pg from 'pg';

/**
 * A pool whose broken connections end no process. A connection that breaks while it lies in the pool is told to the pool; one
 * that breaks in somebody's hands is told to itself, and without a listener Node ends the process. Whoever holds it hears of the
 * break from its next query.
 *
 * @param onBreak hears of each connection that broke, once
 */
export function openPool(options: pg.PoolConfig, onBreak: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool(options);
  pool.on('connect', (client) => {
    let broken = false;
    client.on('error', (error) => {
      // A break is told by the server first, and then by the socket.
      if (!broken) onBreak(error);
      broken = true;
    });
  });
  // Told to the connection already; the pool only wants somebody to have listened.
  pool.on('error', () => undefined);
  return pool;
}
