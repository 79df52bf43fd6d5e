import type pg from 'pg';

/** Under which models makers have Surface devices of these serial numbers on file. */
export async function surfaceModels(pool: pg.Pool, serials: readonly string[]): Promise<Map<string, string[]>> {
  const models = new Map<string, string[]>();
  if (serials.length === 0) return models;
  const { rows } = await pool.query<{ serial_number: string; model: string }>({
    name: 'surface_models',
    text: 'select serial_number, model from registry.surface_models($1::text[]) order by 1, 2',
    values: [serials],
  });
  for (const { serial_number: serial, model } of rows) models.set(serial, [...(models.get(serial) ?? []), model]);
  return models;
}
