import { accept, fieldOfColumn, refuse, type Decision, type OrderRow } from '@groundcrew/domain';
import Papa from 'papaparse';

/** In which column each field stands. Columns nobody knows are ignored. */
export type CsvColumns = Partial<Record<keyof OrderRow, number>>;

/** Reads the header of an order's CSV; names are compared without regard to case and spare blanks. */
export function csvColumnsOf(header: string): Decision<CsvColumns, { message: string }> {
  const cells = Papa.parse<string[]>(header, { delimiter: ',' }).data[0] ?? [];
  const columns: CsvColumns = {};
  for (const [index, cell] of cells.entries()) {
    const field = fieldOfColumn(cell.replace(/^\uFEFF/, ''));
    if (field === null) continue;
    if (columns[field] !== undefined) return refuse({ message: `Two columns of the header name ${field}.` });
    columns[field] = index;
  }
  const complete =
    columns.hardwareIdentifier !== undefined ||
    columns.productKey !== undefined ||
    (columns.manufacturer !== undefined && columns.model !== undefined && columns.serialNumber !== undefined);
  if (complete) return accept(columns);
  return refuse({
    message:
      'The first line must name a column for the hardware hash, for the product key id, or for manufacturer, model and serial number.',
  });
}
