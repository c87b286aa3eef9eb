/** Cases that ring3 does not pass yet: "area/file case" and the true reason. A case that passes must not stand here. */
export const EXPECTED_FAILURES: Readonly<Record<string, string>> = {};
