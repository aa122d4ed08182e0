// SPDX-License-Identifier: Apache-2.0
// The few drawings of the page. They carry no meaning of their own for a screen reader: what they stand beside, or
// the button that they are in, has the words.
const stroke = { fill: "none", stroke: "currentColor", "stroke-width": 1.7, "stroke-linejoin": "round", "stroke-linecap": "round", "aria-hidden": true } as const;

export const Glass = () => (
  <svg class="icon" viewBox="0 0 24 24" width="20" height="20" {...stroke}>
    <path d="M6 3h12M6 21h12M7.5 3c0 5 4.5 6 4.5 9s-4.5 4-4.5 9M16.5 3c0 5-4.5 6-4.5 9s4.5 4 4.5 9" />
    <path d="M9.3 19.2c.6-1.9 1.6-2.8 2.7-2.8s2.1.9 2.7 2.8z" fill="currentColor" />
  </svg>
);

export const Menu = () => (
  <svg class="icon" viewBox="0 0 24 24" width="20" height="20" {...stroke}><path d="M4 7h16M4 12h16M4 17h16" /></svg>
);

export const Cross = () => (
  <svg class="icon" viewBox="0 0 24 24" width="18" height="18" {...stroke}><path d="M6 6l12 12M18 6L6 18" /></svg>
);

export const Sun = () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" {...stroke}>
    <circle cx="12" cy="12" r="4.2" /><path d="M12 2.5v2.4M12 19.1v2.4M2.5 12h2.4M19.1 12h2.4M5.3 5.3L7 7M17 17l1.7 1.7M18.7 5.3L17 7M7 17l-1.7 1.7" />
  </svg>
);

export const Moon = () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" {...stroke}><path d="M20 14.2A8.3 8.3 0 0 1 9.8 4a8.3 8.3 0 1 0 10.2 10.2z" /></svg>
);

export const HalfDisc = () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" {...stroke}><circle cx="12" cy="12" r="8.5" /><path d="M12 3.5a8.5 8.5 0 0 1 0 17z" fill="currentColor" /></svg>
);

export const Pin = () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" {...stroke}><path d="M9 3.5h6l-.8 6 3.3 3.2v1.8h-11v-1.8l3.3-3.2zM12 14.5v6" /></svg>
);

export const Tables = () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" {...stroke}><rect x="3.5" y="4.5" width="17" height="15" rx="2" /><path d="M3.5 9.5h17M10 9.5v10" /></svg>
);

export const Prompt = () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" {...stroke}><path d="M5 7l5 5-5 5M12.5 17H19" /></svg>
);

export const Sliders = () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" {...stroke}><path d="M4 7h9M18 7h2M4 17h2M11 17h9" /><circle cx="15.5" cy="7" r="2.5" /><circle cx="8.5" cy="17" r="2.5" /></svg>
);

export const Lens = () => (
  <svg class="icon" viewBox="0 0 24 24" width="18" height="18" {...stroke}><circle cx="10.5" cy="10.5" r="6" /><path d="M15 15l5 5" /></svg>
);

export const Dots = () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" fill="currentColor" aria-hidden="true"><circle cx="5" cy="12" r="1.8" /><circle cx="12" cy="12" r="1.8" /><circle cx="19" cy="12" r="1.8" /></svg>
);

export const Thumb = ({ down = false }: { down?: boolean }) => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" {...stroke}>
    <path transform={down ? "rotate(180 12 12)" : undefined} d="M7.5 20.5v-10l4-7c1.6 0 2.6 1.2 2.3 2.8l-.7 3.7h5.2c1.4 0 2.4 1.3 2.1 2.7l-1.3 6c-.2 1.1-1.2 1.8-2.2 1.8zM7.5 10.5h-4v10h4" />
  </svg>
);

export const Plus = () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" {...stroke}><path d="M12 5v14M5 12h14" /></svg>
);

export const Grip = () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" fill="currentColor" aria-hidden={true}>
    <circle cx="9" cy="6" r="1.6" /><circle cx="15" cy="6" r="1.6" /><circle cx="9" cy="12" r="1.6" /><circle cx="15" cy="12" r="1.6" /><circle cx="9" cy="18" r="1.6" /><circle cx="15" cy="18" r="1.6" />
  </svg>
);
