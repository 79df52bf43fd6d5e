import type { Command } from 'commander';
import { capture } from '../commands/capture.js';
import { casesApprove, casesDecline } from '../commands/cases-decide.js';
import { casesList } from '../commands/cases-list.js';
import { casesOpen } from '../commands/cases-open.js';
import { casesShow } from '../commands/cases-show.js';
import { consentsDecline } from '../commands/consents-decline.js';
import { consentsGrant } from '../commands/consents-grant.js';
import { consentsList } from '../commands/consents-list.js';
import { consentsRequest } from '../commands/consents-request.js';
import { consentsRevoke } from '../commands/consents-revoke.js';
import { consentsShow } from '../commands/consents-show.js';
import { consentsValidate } from '../commands/consents-validate.js';
import { hardwareReportsList } from '../commands/hardware-reports-list.js';
import { hardwareReportsSubmit } from '../commands/hardware-reports-submit.js';
import { importsFailedRows } from '../commands/imports-failed-rows.js';
import { importsShow } from '../commands/imports-show.js';
import { importsSubmit } from '../commands/imports-submit.js';
import { match } from '../commands/match.js';
import { ordersList } from '../commands/orders-list.js';
import { ordersSubmit } from '../commands/orders-submit.js';
import { ordersDevices, ordersReturn, ordersRows, ordersShow, ordersVoid } from '../commands/orders-verbs.js';
import { partnersChange } from '../commands/partners-change.js';
import { partnersCreate } from '../commands/partners-create.js';
import { partnersDeregister } from '../commands/partners-deregister.js';
import { partnersList } from '../commands/partners-list.js';
import { partnersRegistrations } from '../commands/partners-registrations.js';
import { tenantsCreate } from '../commands/tenants-create.js';
import { tenantsAddDomain, tenantsDomains } from '../commands/tenants-domains.js';
import type { Shell } from '../session.js';
import { groupOf } from './group-of.js';

/** Who registers devices for whom, and how. */
export function registeringNouns(shell: Shell): Command[] {
  return [
    groupOf('tenants', 'the customers', [tenantsCreate(shell), tenantsDomains(shell), tenantsAddDomain(shell)]),
    groupOf('partners', 'who may register for them', [
      partnersCreate(shell),
      partnersList(shell),
      partnersChange(shell),
      partnersRegistrations(shell),
      partnersDeregister(shell),
    ]),
    groupOf('consents', 'what tenants allow partners', [
      consentsRequest(shell),
      consentsList(shell),
      consentsShow(shell),
      consentsGrant(shell),
      consentsDecline(shell),
      consentsRevoke(shell),
      consentsValidate(shell),
    ]),
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
    groupOf('imports', 'devices that a tenant registers itself', [
      importsSubmit(shell),
      importsShow(shell),
      importsFailedRows(shell),
    ]),
    capture(shell),
    groupOf('cases', 'Surface devices, registered by request', [
      casesOpen(shell),
      casesList(shell),
      casesShow(shell),
      casesApprove(shell),
      casesDecline(shell),
    ]),
    groupOf('hardware-reports', 'what makers have on file', [hardwareReportsSubmit(shell), hardwareReportsList(shell)]),
    match(shell),
  ];
}
