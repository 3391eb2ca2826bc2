/** Says in one line how to get figures where there is no Prometheus. */
export function PrometheusNote({ hint }: { hint: string }) {
  return (
    <p className="note" role="note" data-testid="prometheus-absent">
      No figures without Prometheus: {hint}
    </p>
  );
}
