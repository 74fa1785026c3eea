// Calls the handler directly: node --test
import assert from "node:assert/strict";
import { test } from "node:test";

import { handler } from "./hello.mjs";

const context = { awsRequestId: "00000000-0000-0000-0000-000000000000" };

test("greets by name", async () => {
    assert.deepEqual(await handler({ name: "Ada" }, context), { greeting: "Hello, Ada!" });
});

test("greets the world without a name", async () => {
    assert.deepEqual(await handler({}, context), { greeting: "Hello, world!" });
});
