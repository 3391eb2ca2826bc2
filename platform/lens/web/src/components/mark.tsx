/** The mark of Pharos, a lighthouse; the same drawing as public/favicon.svg. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#17325c" />
      <path d="M13 12h6l2 14H11z" fill="#e8eef8" />
      <path d="M12.4 16h7.2l.3 3h-7.8z" fill="#c7d5ec" />
      <rect x="12" y="8" width="8" height="3.4" rx="1" fill="#ffc857" />
      <path d="M12.6 7.4 16 4.4l3.4 3z" fill="#e8eef8" />
      <path d="M21.5 9.2 29 6.6v6.2l-7.5-2.2zM10.5 9.2 3 6.6v6.2l7.5-2.2z" fill="#ffc857" opacity=".55" />
    </svg>
  );
}
