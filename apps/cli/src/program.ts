import { Command, CommanderError, Option } from 'commander';
import { appsApprove, appsList, appsWithdraw } from './commands/approved-apps.js';
import { brandingDelete, brandingSet, brandingShow } from './commands/branding.js';
import { capture } from './commands/capture.js';
import { importsFailedRows } from './commands/imports-failed-rows.js';
import { importsShow } from './commands/imports-show.js';
import { importsSubmit } from './commands/imports-submit.js';
import { casesApprove, casesDecline } from './commands/cases-decide.js';
import { casesList } from './commands/cases-list.js';
import { casesOpen } from './commands/cases-open.js';
import { casesShow } from './commands/cases-show.js';
import { consentsDecline } from './commands/consents-decline.js';
import { consentsGrant } from './commands/consents-grant.js';
import { consentsList } from './commands/consents-list.js';
import { consentsRequest } from './commands/consents-request.js';
import { consentsRevoke } from './commands/consents-revoke.js';
import { consentsShow } from './commands/consents-show.js';
import { consentsValidate } from './commands/consents-validate.js';
import { deregisterApply } from './commands/deregister-apply.js';
import { deregisterPlan } from './commands/deregister-plan.js';
import { deregisterResolve } from './commands/deregister-resolve.js';
import { deregisterRestore } from './commands/deregister-restore.js';
import { deregisterWatch } from './commands/deregister-watch.js';
import { devicesExplain } from './commands/devices-explain.js';
import { groupsCreate } from './commands/groups-create.js';
import { groupsDelete } from './commands/groups-delete.js';
import { groupsList } from './commands/groups-list.js';
import { groupsMembers } from './commands/groups-members.js';
import { groupsShow } from './commands/groups-show.js';
import { groupsTry } from './commands/groups-try.js';
import { groupsUpdate } from './commands/groups-update.js';
import { devicesPlatform } from './commands/devices-platform.js';
import { devicesSet } from './commands/devices-set.js';
import { devicesShow } from './commands/devices-show.js';
import { devicesList } from './commands/devices-list.js';
import { hardwareReportsList } from './commands/hardware-reports-list.js';
import { hardwareReportsSubmit } from './commands/hardware-reports-submit.js';
import { match } from './commands/match.js';
import { ordersDevices, ordersReturn, ordersRows, ordersShow, ordersVoid } from './commands/orders-verbs.js';
import { ordersList } from './commands/orders-list.js';
import { ordersSubmit } from './commands/orders-submit.js';
import { orphansList } from './commands/orphans-list.js';
import { orphansScan } from './commands/orphans-scan.js';
import { partnersChange } from './commands/partners-change.js';
import { partnersCreate } from './commands/partners-create.js';
import { partnersDeregister } from './commands/partners-deregister.js';
import { partnersList } from './commands/partners-list.js';
import { partnersRegistrations } from './commands/partners-registrations.js';
import { repairsCancel } from './commands/repairs-cancel.js';
import { repairsList } from './commands/repairs-list.js';
import { repairsOpen } from './commands/repairs-open.js';
import { repairsShow } from './commands/repairs-show.js';
import { repairsSubmitHash } from './commands/repairs-submit-hash.js';
import { runsCancel } from './commands/runs-cancel.js';
import { runsList } from './commands/runs-list.js';
import { runsResolve } from './commands/runs-resolve.js';
import { runsShow } from './commands/runs-show.js';
import { schoolsAddGroup, schoolsGroups, schoolsSettings } from './commands/school-groups.js';
import { tenantsAddDomain, tenantsDomains } from './commands/tenants-domains.js';
import { tenantsCreate } from './commands/tenants-create.js';
import { userGroupsCreate, userGroupsDelete, userGroupsList, userGroupsUpdate } from './commands/user-groups.js';
import { whoami } from './commands/whoami.js';
import { espCreate } from './commands/esp-create.js';
import { espDelete } from './commands/esp-delete.js';
import { espList } from './commands/esp-list.js';
import { espOrder } from './commands/esp-order.js';
import { espResolve } from './commands/esp-resolve.js';
import { espShow } from './commands/esp-show.js';
import { espUpdate } from './commands/esp-update.js';
import { profilesAssign } from './commands/profiles-assign.js';
import { profilesCreate } from './commands/profiles-create.js';
import { profilesDelete } from './commands/profiles-delete.js';
import { profilesExport } from './commands/profiles-export.js';
import { profilesList } from './commands/profiles-list.js';
import { profilesPreview } from './commands/profiles-preview.js';
import { profilesShow } from './commands/profiles-show.js';
import { profilesUpdate } from './commands/profiles-update.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { reportFault } from './output/fault.js';
import { positiveInteger } from './output/limit.js';
import { outputs } from './output/report.js';
import { Shell, usualApiUrl } from './session.js';
import type { CliWorld } from './world.js';

/** Runs one call of the command line and answers its exit code. */
export async function runCli(argv: string[], world: CliWorld): Promise<ExitCode> {
  const shell = new Shell(world);
  try {
    await programOf(shell).parseAsync(argv, { from: 'user' });
    return shell.exitCode;
  } catch (error) {
    if (world.interrupted.aborted) return exitCodes.interrupted;
    // Help and version are asked for with success; commander has said itself what was wrong with everything else.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.refused;
    return reportFault(error, shell.output, world.stderr);
  }
}

function programOf(shell: Shell): Command {
  const program = new Command('groundcrew')
    .description('Deploy devices: register, watch, list.')
    .addOption(new Option('--output <form>', 'form of the result').choices(outputs).default('table'))
    .addOption(new Option('--json', 'the same as --output json').implies({ output: 'json' }))
    .option('--api-url <url>', `address of the API (GROUNDCREW_API_URL; else ${usualApiUrl})`)
    .option('--token <token>', 'bearer token (better in GROUNDCREW_TOKEN: others can see a command line)')
    .addOption(
      new Option(
        '--patience <seconds>',
        'how long to wait for a service that does not answer (else 30, 300 when watching)',
      ).argParser(positiveInteger),
    )
    .addHelpText(
      'after',
      `\nExit codes: 0 done, 1 rows were rejected, 2 usage or refusal, 3 the service cannot be reached.`,
    );
  program.addCommand(
    groupOf('tenants', 'the customers', [tenantsCreate(shell), tenantsDomains(shell), tenantsAddDomain(shell)]),
  );
  program.addCommand(
    groupOf('partners', 'who may register for them', [
      partnersCreate(shell),
      partnersList(shell),
      partnersChange(shell),
      partnersRegistrations(shell),
      partnersDeregister(shell),
    ]),
  );
  program.addCommand(
    groupOf('consents', 'what tenants allow partners', [
      consentsRequest(shell),
      consentsList(shell),
      consentsShow(shell),
      consentsGrant(shell),
      consentsDecline(shell),
      consentsRevoke(shell),
      consentsValidate(shell),
    ]),
  );
  program.addCommand(
    groupOf('orders', 'devices to register', [
      ordersSubmit(shell),
      ordersList(shell),
      ordersRows(shell, 'append'),
      ordersRows(shell, 'replace'),
      ordersReturn(shell),
      ordersVoid(shell),
      ordersShow(shell),
      ordersDevices(shell),
    ]),
  );
  program.addCommand(
    groupOf('imports', 'devices that a tenant registers itself', [
      importsSubmit(shell),
      importsShow(shell),
      importsFailedRows(shell),
    ]),
  );
  program.addCommand(capture(shell));
  program.addCommand(
    groupOf('deregister', 'devices that leave: see exactly what will happen, stop it, undo it', [
      deregisterPlan(shell),
      deregisterApply(shell),
      deregisterWatch(shell),
      runsCancel(shell),
      deregisterResolve(shell),
      deregisterRestore(shell),
    ]),
  );
  program.addCommand(
    groupOf('cases', 'Surface devices, registered by request', [
      casesOpen(shell),
      casesList(shell),
      casesShow(shell),
      casesApprove(shell),
      casesDecline(shell),
    ]),
  );
  program.addCommand(
    groupOf('hardware-reports', 'what makers have on file', [hardwareReportsSubmit(shell), hardwareReportsList(shell)]),
  );
  program.addCommand(
    groupOf('repairs', 'devices whose board is replaced', [
      repairsOpen(shell),
      repairsList(shell),
      repairsShow(shell),
      repairsSubmitHash(shell),
      repairsCancel(shell),
    ]),
  );
  program.addCommand(
    groupOf('runs', 'durable work over devices', [
      runsShow(shell),
      runsList(shell),
      runsCancel(shell),
      runsResolve(shell, 'retry'),
      runsResolve(shell, 'confirm'),
      runsResolve(shell, 'abandon'),
    ]),
  );
  program.addCommand(
    groupOf('devices', 'registered devices', [
      devicesList(shell),
      devicesShow(shell),
      devicesSet(shell),
      devicesExplain(shell),
      devicesPlatform(shell),
    ]),
  );
  program.addCommand(
    groupOf('groups', 'which devices belong together', [
      groupsList(shell),
      groupsShow(shell),
      groupsCreate(shell),
      groupsUpdate(shell),
      groupsDelete(shell),
      groupsMembers(shell),
      groupsTry(shell),
    ]),
  );
  program.addCommand(
    groupOf('profiles', 'how devices are set up', [
      profilesList(shell),
      profilesShow(shell),
      profilesCreate(shell),
      profilesUpdate(shell),
      profilesDelete(shell),
      profilesPreview(shell),
      profilesAssign(shell),
      profilesExport(shell),
    ]),
  );
  program.addCommand(
    groupOf('esp', 'what devices show while they are set up', [
      espList(shell),
      espShow(shell),
      espCreate(shell),
      espUpdate(shell),
      espOrder(shell),
      espDelete(shell),
      espResolve(shell),
    ]),
  );
  program.addCommand(
    groupOf('branding', 'what a tenant shows of itself while they are', [
      brandingShow(shell),
      brandingSet(shell),
      brandingDelete(shell),
    ]),
  );
  program.addCommand(
    groupOf('user-groups', 'users to whom status pages are assigned', [
      userGroupsList(shell),
      userGroupsCreate(shell),
      userGroupsUpdate(shell),
      userGroupsDelete(shell),
    ]),
  );
  program.addCommand(
    groupOf('apps', 'what Windows 11 SE accepts', [appsList(shell), appsApprove(shell), appsWithdraw(shell)]),
  );
  program.addCommand(
    groupOf('schools', 'schools, by group tag', [schoolsGroups(shell), schoolsAddGroup(shell), schoolsSettings(shell)]),
  );
  program.addCommand(groupOf('orphans', 'what lies in one store only', [orphansList(shell), orphansScan(shell)]));
  program.addCommand(match(shell));
  program.addCommand(whoami(shell));
  return inWorld(program, shell.world);
}

function groupOf(name: string, description: string, commands: Command[]): Command {
  const group = new Command(name).description(description);
  for (const command of commands) group.addCommand(command);
  return group;
}

/** Settings that commander hands down only to commands made by their parents. */
function inWorld(command: Command, world: CliWorld): Command {
  command
    .exitOverride()
    .showHelpAfterError('(--help shows how it is called)')
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
    });
  for (const child of command.commands) inWorld(child as Command, world);
  return command;
}
