// SPDX-License-Identifier: Apache-2.0
// Whether the page is being put on paper: what is only drawn in view has to be there then.
import { useEffect, useState } from "preact/hooks";

export function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const paper = matchMedia("print");
    const look = () => setPrinting(paper.matches);
    paper.addEventListener("change", look);
    return () => paper.removeEventListener("change", look);
  }, []);
  return printing;
}
