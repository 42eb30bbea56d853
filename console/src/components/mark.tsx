// aright's mark; the same drawing as icon.svg.
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="mark-ground" />
      <path d="M8 17.5 13.5 23 24 9.5" class="mark-tick" />
      <path d="M8 27h16" class="mark-level" />
    </svg>
  );
}
