import type { DynamicModule, Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import type { Logger } from 'pino';
import { AssignmentsController } from './assignment/assignments.controller.js';
import { PreviewsController } from './assignment/previews.controller.js';
import { AuditController } from './audit/audit.controller.js';
import type { Configuration } from './configuration.js';
import { ConsentsController } from './consents/consents.controller.js';
import { ConsentRequestsController } from './consents/consent-requests.controller.js';
import { PartnerConsentsController } from './consents/partner-consents.controller.js';
import { DeregistrationGuardsController } from './deregistrations/deregistration-guards.controller.js';
import { DeregistrationPlanner } from './deregistrations/deregistration-planner.js';
import { DeregistrationRunsController } from './deregistrations/deregistration-runs.controller.js';
import { PartnerDeregistrationsController } from './deregistrations/partner-deregistrations.controller.js';
import { DeregistrationsController } from './deregistrations/deregistrations.controller.js';
import { Neighbours } from './deregistrations/neighbours.js';
import { ChangeDeviceController } from './devices/change-device.controller.js';
import { DevicesController } from './devices/devices.controller.js';
import { SchoolGroupsController } from './education/school-groups.controller.js';
import { ApprovedAppsController } from './esp/approved-apps.controller.js';
import { DeviceEspController } from './esp/device-esp.controller.js';
import { EspProfilesController } from './esp/esp-profiles.controller.js';
import { UserGroupsController } from './esp/user-groups.controller.js';
import { EventsController } from './events/events.controller.js';
import { RunFeed } from './events/run-feed.js';
import { GroupMembersController } from './groups/group-members.controller.js';
import { GroupsController } from './groups/groups.controller.js';
import { BodyDigests } from './body-digests/body-digests.js';
import { Commands } from './idempotency/commands.js';
import { Callers } from './identity/callers.js';
import { TokenVerifier } from './identity/token-verifier.js';
import { FailedRowsController } from './failed-rows/failed-rows.controller.js';
import { ImportSubmission } from './imports/import-submission.js';
import { ImportsController } from './imports/imports.controller.js';
import { Foreground } from './intake/foreground.js';
import { Intake } from './intake/intake.js';
import { HardwareController } from './makers/hardware.controller.js';
import { HardwareSubmission } from './makers/hardware-submission.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { OrderSubmission } from './orders/order-submission.js';
import { OrdersWithoutTenant } from './orders/orders-without-tenant.js';
import { OrderVerbsController } from './orders/order-verbs.controller.js';
import { OrdersController } from './orders/orders.controller.js';
import { OrphansController } from './orphans/orphans.controller.js';
import { MatchController } from './matching/match.controller.js';
import { PartnerRegistrationsController } from './partners/partner-registrations.controller.js';
import { PartnersController } from './partners/partners.controller.js';
import { configurationToken } from './platform/configuration.token.js';
import { Databases, databasesToken } from './platform/databases.js';
import { loggerToken } from './platform/logging.js';
import { PlatformController } from './platform/platform.controller.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { AccessGuard } from './routes/access.guard.js';
import { AnswerInterceptor } from './routes/answer.interceptor.js';
import { RunCommandsController } from './runs/run-commands.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { BrandingController } from './profiles/branding.controller.js';
import { DeviceFactsController } from './profiles/device-facts.controller.js';
import { ProfileTargetsController } from './profiles/profile-targets.controller.js';
import { ProfilesController } from './profiles/profiles.controller.js';
import { SurfaceCasesController } from './cases/surface-cases.controller.js';
import { RepairCommandsController } from './repairs/repair-commands.controller.js';
import { RepairsController } from './repairs/repairs.controller.js';
import { TenantsController } from './tenants/tenants.controller.js';
import { UploadCommit } from './uploads/upload-commit.js';
import { UploadsController } from './uploads/uploads.controller.js';
import { DomainsController } from './tenants/domains.controller.js';
import { UsersController } from './tenants/users.controller.js';

/** Everything that answers calls. The OpenAPI document is made from this list, too. */
export const controllers: Type[] = [
  OrdersController,
  OrderVerbsController,
  HardwareController,
  ImportsController,
  FailedRowsController,
  UploadsController,
  SurfaceCasesController,
  RunsController,
  RunCommandsController,
  EventsController,
  DevicesController,
  ChangeDeviceController,
  DeregistrationsController,
  PartnerDeregistrationsController,
  DeregistrationRunsController,
  DeregistrationGuardsController,
  RepairsController,
  RepairCommandsController,
  OrphansController,
  AssignmentsController,
  GroupsController,
  GroupMembersController,
  PreviewsController,
  MatchController,
  DeviceFactsController,
  ProfilesController,
  ProfileTargetsController,
  BrandingController,
  EspProfilesController,
  DeviceEspController,
  ApprovedAppsController,
  UserGroupsController,
  SchoolGroupsController,
  ConsentsController,
  ConsentRequestsController,
  PartnerConsentsController,
  TenantsController,
  UsersController,
  DomainsController,
  PartnersController,
  PartnerRegistrationsController,
  AuditController,
  PlatformController,
  OpenApiController,
];

class ApiModule {}

/** The application's parts, put together for one configuration. */
export function apiModule(configuration: Configuration, logger: Logger): DynamicModule {
  return {
    module: ApiModule,
    controllers,
    providers: [
      { provide: configurationToken, useValue: configuration },
      { provide: loggerToken, useValue: logger },
      {
        provide: databasesToken,
        useFactory: () => new Databases(configuration.database, (message) => logger.warn(message)),
      },
      { provide: TokenVerifier, useFactory: () => new TokenVerifier(configuration) },
      { provide: Neighbours, useFactory: () => new Neighbours(configuration, (message) => logger.warn(message)) },
      DeregistrationPlanner,
      Callers,
      BodyDigests,
      Commands,
      Foreground,
      Intake,
      OrderSubmission,
      OrdersWithoutTenant,
      HardwareSubmission,
      ImportSubmission,
      UploadCommit,
      RunFeed,
      AccessGuard,
      { provide: APP_GUARD, useExisting: AccessGuard },
      { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
      { provide: APP_FILTER, useClass: ProblemFilter },
    ],
  };
}
