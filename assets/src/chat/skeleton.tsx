// SPDX-License-Identifier: Apache-2.0
// The shape of a conversation while it is read. Nothing is drawn of a short wait.
import "./skeleton.css";
import { useEffect, useState } from "preact/hooks";

const QUIET_MS = 150;

export function Skeleton() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="skeleton" role="status">
      {late && <>
        <span class="hidden-text">Loading the conversation…</span>
        <i class="skeleton-question" /><i class="skeleton-line" /><i class="skeleton-card" />
      </>}
    </div>
  );
}
