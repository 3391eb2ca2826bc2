import { Link, useLocation } from "react-router-dom";
import { useTitle } from "@/app/title";
import { Empty } from "@/components/states";

export function NotFound() {
  useTitle("No such page");
  const { pathname } = useLocation();
  return (
    <Empty title="There is no such page">
      <p>
        Nothing is at <code>{pathname}</code>. <Link to="/services">To the services</Link>
      </p>
    </Empty>
  );
}
