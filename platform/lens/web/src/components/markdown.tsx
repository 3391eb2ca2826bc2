import Markdown from "react-markdown";
import { Link } from "react-router-dom";
import remarkGfm from "remark-gfm";

interface Props {
  text: string;
  /** Where a link leads in the console; null shows its text only. */
  target?: (href: string) => string | null;
}

const PLUGINS = [remarkGfm];

/** Markdown as elements; HTML in it stays text. */
export default function MarkdownView({ text, target = (href) => href }: Props) {
  return (
    <div className="markdown">
      <Markdown
        remarkPlugins={PLUGINS}
        components={{
          a: ({ href = "", children }) => {
            const to = target(href);
            return to === null ? <span>{children}</span> : <Target to={to}>{children}</Target>;
          },
          img: ({ alt }) => <span>{alt}</span>,
        }}
      >
        {text}
      </Markdown>
    </div>
  );
}

function Target({ to, children }: { to: string; children: React.ReactNode }) {
  return to.startsWith("/") ? (
    <Link to={to}>{children}</Link>
  ) : (
    <a href={to} rel="noreferrer noopener">
      {children}
    </a>
  );
}
