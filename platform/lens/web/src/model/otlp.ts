/** OTLP JSON as lens answers it: enumerations by name, ids in hex, 64-bit numbers as text. */

export interface OtlpTrace {
  resourceSpans: { resource: { attributes: OtlpAttribute[] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
}

export interface OtlpAttribute {
  key: string;
  value: OtlpValue;
}

export interface OtlpValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  bytesValue?: string;
  arrayValue?: { values?: OtlpValue[] };
  kvlistValue?: { values?: OtlpAttribute[] };
}

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpAttribute[];
  events: { timeUnixNano: string; name: string; attributes: OtlpAttribute[] }[];
  links: { traceId: string; spanId: string; attributes: OtlpAttribute[] }[];
  status: { code?: string; message?: string };
}

export type Attributes = Record<string, string>;

/** Attributes as texts, in the order of their names. */
export function attributesOf(list: OtlpAttribute[]): Attributes {
  const pairs = list.map(({ key, value }): [string, string] => [key, textOf(value)]);
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function textOf(value: OtlpValue): string {
  const plain = plainOf(value);
  return typeof plain === "string" ? plain : JSON.stringify(plain);
}

function plainOf(value: OtlpValue): unknown {
  if (value.arrayValue) {
    return (value.arrayValue.values ?? []).map(plainOf);
  }
  if (value.kvlistValue) {
    return Object.fromEntries((value.kvlistValue.values ?? []).map((one) => [one.key, plainOf(one.value)]));
  }
  return value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? value.bytesValue ?? "";
}
