import { Component, type ReactNode } from "react";
import { messageOf } from "@/components/states";

interface State {
  error: unknown;
  address: string;
}

/** Shows a page's failure in its place; another page gets another try. */
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
    if (!this.state.error) {
      return this.props.children;
    }
    return (
      <div className="state failure" role="alert">
        <div>
          <strong>This page could not be shown</strong>
          <p>{messageOf(this.state.error)}</p>
          <button type="button" onClick={() => window.location.reload()}>
            Load it again
          </button>
        </div>
      </div>
    );
  }
}
