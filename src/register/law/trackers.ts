// Cookie names as the vendors document them: Amplitude's are AMP_ and AMP_MKTG_ with ten characters of the key.
const trackers: readonly (readonly [RegExp, string])[] = [
  [/^AMP_(MKTG_|TEST|TLDTEST)?[0-9a-z]{0,10}$/i, 'Amplitude'],
  [/^amplitude_id/i, 'Amplitude'],
  [/^(_ga|_gid|_gat|__utm[a-z])([._].*)?$/, 'Google Analytics'],
  [/^(_gcl_.*|IDE|_gac_.*)$/, 'Google Ads'],
  [/^(_pk_(id|ses|ref|cvar|hsr).*|MATOMO_SESSID|PIWIK_SESSID)$/, 'Matomo'],
  [/^_fb[pc]$/, 'Meta Pixel'],
  [/^_hj/, 'Hotjar'],
  [/^_cl(ck|sk)$/, 'Microsoft Clarity'],
  [/^(_uet.*|MUID)$/, 'Microsoft Advertising'],
  [/^mp_.*_mixpanel$/, 'Mixpanel'],
  [/^ajs_/, 'Segment'],
  [/^(__hstc|hubspotutk|__hssc|__hssrc)$/, 'HubSpot'],
  [/^(AMCV_.*|s_vi|s_fid)$/, 'Adobe Analytics'],
  [/^(_et_coid|et_id)$/, 'etracker'],
  [/^wt3?_/, 'Mapp (Webtrekk)'],
  [/^(li_fat_id|bcookie|AnalyticsSyncHistory)$/, 'LinkedIn'],
]

/** The service that sets cookies of this name to measure or follow people; null if none is known. */
export const trackerOf = (cookie: string): string | null => trackers.find(([name]) => name.test(cookie))?.[1] ?? null
