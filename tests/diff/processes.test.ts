import { differentialTests } from "./suite.ts";

differentialTests("processes");
