/** Finds a Chromium or Chrome: the one that CHROMIUM_PATH names, the system's, or Playwright's download.
 *  Returns its path, or null when there is none.
 *  @throws when CHROMIUM_PATH is set and no browser runs there. */
export declare const findBrowser: () => Promise<string | null>
