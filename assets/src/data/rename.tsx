// SPDX-License-Identifier: Apache-2.0
// Another title for a data set that was uploaded. Its name, which SQL and addresses know it by, stays.
import { useRef, useState } from "preact/hooks";
import { renameDataset } from "../core/actions-data.js";
import { toProblem, type Problem } from "../core/api.js";
import type { Dataset, DatasetSummary } from "../core/wire.js";
import { Dialog } from "../parts/dialog.js";
import { Notice } from "../parts/notice.js";

interface Props {
  dataset: DatasetSummary;
  close(): void;
  renamed?(dataset: Dataset): void;
}

export function Rename({ dataset, close, renamed }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      const changed = await renameDataset(dataset.name, input.current!.value);
      renamed?.(changed);
      close();
    } catch (error) {
      setProblem(toProblem(error));
    }
  };
  return (
    <Dialog title="Rename" close={close} width={440}>
      <form class="data-rename" onSubmit={(event) => void save(event)}>
        <label class="hidden-text" for="rename-title">Title</label>
        <input id="rename-title" ref={input} defaultValue={dataset.title} required maxLength={120} dir="auto" autocomplete="off" autofocus />
        {problem && <Notice title="Not renamed" sentence={problem.message} hint={problem.hint} />}
        <div class="bring-row"><button class="bring-main">Rename</button><button type="button" class="plain" onClick={close}>Cancel</button></div>
      </form>
    </Dialog>
  );
}
