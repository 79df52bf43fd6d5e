import { Command, Option } from 'commander';
import type { DeviceFactsChange, DeviceFactsView } from '@groundcrew/contracts';
import { deviceTypes, osFamilies, tpmVersions } from '@groundcrew/domain';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

interface Options {
  tenant: string;
  osFamily?: string;
  deviceType?: string;
  tpm?: string;
  ifMatch?: string;
  key?: string;
}

/** Takes one's own word back: what others said is believed again. */
const unsaid = 'unsaid';

/** `groundcrew devices platform`: with nothing to say it shows what is known. */
export function devicesPlatform(shell: Shell): Command {
  return new Command('platform')
    .description('show what is known of the platform of a device, or say what it is')
    .argument('<device>', 'id of the device')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(new Option('--os-family <family>', 'what it runs').choices([...osFamilies, unsaid]))
    .addOption(new Option('--device-type <type>', 'what it is').choices([...deviceTypes, unsaid]))
    .addOption(new Option('--tpm <version>', 'which TPM it has').choices([...tpmVersions, unsaid]))
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (deviceId: string, options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/devices/${encodeURIComponent(deviceId)}/facts`;
      const change = changeOf(options);
      const isQuestion = Object.keys(change).length === 0;
      const facts = isQuestion
        ? await client.get<DeviceFactsView>(path)
        : await client.command<DeviceFactsView>('PATCH', path, {
            key: keyOf(options.key),
            ifMatch: options.ifMatch ?? (await client.get<DeviceFactsView>(path)).etag,
            body: jsonBody(change),
          });
      const said = (fact: keyof DeviceFactsView['sources']) =>
        facts[fact] === null ? 'unknown' : `${facts[fact]} (${facts.sources[fact]})`;
      report.one(facts, [
        ['OS family', said('osFamily')],
        ['Device type', said('deviceType')],
        ['TPM', said('tpmVersion')],
        ['Version', facts.etag],
      ]);
    });
}

/** The API says which words it knows. */
function changeOf({ osFamily, deviceType, tpm }: Options): DeviceFactsChange {
  const word = (text: string) => (text === unsaid ? null : text);
  return {
    ...(osFamily !== undefined && { osFamily: word(osFamily) }),
    ...(deviceType !== undefined && { deviceType: word(deviceType) }),
    ...(tpm !== undefined && { tpmVersion: word(tpm) }),
  } as DeviceFactsChange;
}
