import { describe, expect, it } from "vitest";
import { sorted, tableOf } from "@/dashboard/frame";

const sample = (service: string, value: number, more: Record<string, string> = {}) => ({
  labels: { service, ...more },
  value,
});

describe("tableOf", () => {
  it("joins queries on the labels that they share", () => {
    const table = tableOf(
      [
        { refId: "A", samples: [sample("orders", 1), sample("edge", 2)] },
        { refId: "B", samples: [sample("edge", 20)] },
      ],
      [{ id: "merge" }],
    );

    expect(table.columns).toEqual(["service", "Value #A", "Value #B"]);
    expect(table.rows).toEqual([
      { service: "orders", "Value #A": 1 },
      { service: "edge", "Value #A": 2, "Value #B": 20 },
    ]);
  });

  it("names the value of a single query plainly", () => {
    const table = tableOf([{ refId: "A", samples: [sample("orders", 1, { __name__: "up" })] }], []);

    expect(table.columns).toEqual(["service", "Value"]);
  });

  it("orders, renames and leaves out columns", () => {
    const options = {
      excludeByName: { instance: true },
      indexByName: { service: 1, "Value #A": 0 },
      renameByName: { service: "Service", "Value #A": "Up" },
    };
    const frames = [
      { refId: "A", samples: [sample("orders", 1, { instance: "orders-1" })] },
      { refId: "B", samples: [] },
    ];

    expect(tableOf(frames, [{ id: "merge" }, { id: "organize", options }])).toEqual({
      columns: ["Up", "Service"],
      rows: [{ Up: 1, Service: "orders" }],
    });
  });

  it("does not join rows that share no label", () => {
    const frames = [
      { refId: "A", samples: [sample("orders", 1)] },
      { refId: "B", samples: [{ labels: { peer: "edge" }, value: 2 }] },
    ];

    expect(tableOf(frames, []).rows).toHaveLength(2);
  });
});

it("sorts what has no value to the end, whichever way", () => {
  const table = { columns: ["a"], rows: [{ a: 2 }, { a: null }, { a: Number.NaN }, { a: 10 }] };

  expect(sorted(table, "a", false).rows.map((row) => row.a)).toEqual([2, 10, null, Number.NaN]);
  expect(sorted(table, "a", true).rows.map((row) => row.a)).toEqual([10, 2, null, Number.NaN]);
});
