import { differentialTests } from "./suite.ts";

differentialTests("files");
