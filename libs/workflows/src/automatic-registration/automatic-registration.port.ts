/** A page of a tenant's enrolled devices. */
export interface ConversionPage {
  tenantId: string;
  /** Names the turn of the schedule: with it a page is asked for once. */
  turn: string;
  /** The last enrolled device that was looked at; null: none yet. */
  after: string | null;
}

/** What automatic registration needs. Each act may be repeated: it finds what it did before. */
export interface AutomaticRegistrationActivities {
  /** Some active tenants with a profile that converts devices. @returns where to go on; null at the end */
  findConvertingTenants(after: string | null): Promise<{ tenants: string[]; next: string | null }>;

  /**
   * Asks the candidates of a page for their hashes, waits until they answered, and makes a registration run of the answers.
   *
   * @returns where to go on; null at the end
   */
  convertDevices(page: ConversionPage): Promise<{ next: string | null }>;
}
