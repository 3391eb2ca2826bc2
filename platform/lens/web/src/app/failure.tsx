import { Component, type ReactNode, useEffect, useRef } from "react";
import { useRouteError } from "react-router-dom";
import { useSystem } from "@/api/system";
import { messageOf } from "@/components/states";

interface State {
  error: unknown;
  address: string;
}

/** Shows the failure of a part in its place; another page gets another try. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null, address: "" };

  static getDerivedStateFromError(error: unknown): State {
    return { error, address: window.location.href };
  }

  override componentDidUpdate() {
    if (this.state.error && this.state.address !== window.location.href) {
      this.setState({ error: null });
    }
  }

  override render() {
    return this.state.error ? <FailureNote error={this.state.error} /> : this.props.children;
  }
}

/** A page that failed, or whose code could not be fetched; it is loaded again when lens is back. */
export function RouteFailure() {
  const { error } = useSystem();
  const wasAway = useRef(false);
  useEffect(() => {
    if (error) {
      wasAway.current = true;
    } else if (wasAway.current) {
      window.location.reload();
    }
  }, [error]);
  return <FailureNote error={useRouteError()} />;
}

function FailureNote({ error }: { error: unknown }) {
  return (
    <div className="state failure" role="alert" data-testid="page-failure">
      <div>
        <strong>This could not be shown</strong>
        <p>{messageOf(error)}</p>
        <button type="button" onClick={() => window.location.reload()}>
          Load it again
        </button>
      </div>
    </div>
  );
}
