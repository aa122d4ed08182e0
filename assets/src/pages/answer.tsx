// SPDX-License-Identifier: Apache-2.0
// One answer by itself: what a link to it shows, to whoever opens it. What was stored is shown at once; then it is
// computed again and compared. A run that took long is only repeated at the press of a button: who opens a link asks
// to read an answer, and every opening of a popular link would cost as much as the question did.
import "./answer.css";
import { go } from "../core/actions.js";
import { ambiguousWords, failureOf, viewOf } from "../core/progress.js";
import { api } from "../core/session.js";
import { Card } from "../answer/card.js";
import { Replay } from "../answer/replay.js";
import { Sentence } from "../chat/turn.js";
import { Waiting } from "../parts/lazy.js";
import { Link } from "../parts/link.js";
import { useLoaded } from "../parts/loaded.js";
import { Notice } from "../parts/notice.js";
import { moment } from "../words/format.js";
import { tookUs } from "../words/replay.js";
import type { PageProps } from "../shell/pages.js";
import type { Turn } from "../core/wire.js";

const AT_ONCE_US = 1_000_000;

/** A question without an answer: why, and the conversation, where it can be asked again or chosen what was meant. */
function Unanswered({ turn }: { turn: Turn }) {
  const view = viewOf(turn);
  const failure = failureOf(view);
  const isOpen = turn.status === "ambiguous";
  return (
    <section aria-label="Answer">
      <Notice title={isOpen ? "Not answered yet" : failure.title} sentence={isOpen ? ambiguousWords(view) : failure.sentence} hint={isOpen ? undefined : failure.hint} calm={isOpen || turn.status === "not_understood" || turn.status === "cancelled"}>
        <button class="plain" onClick={() => go({ page: "conversation", id: turn.conversation_id, turn: turn.id })}>{isOpen ? "Choose in the conversation" : "Go to the conversation"}</button>
      </Notice>
      {turn.run && <div class="answer-failed"><Card turn={turn} run={turn.run} isHere={false} /></div>}
    </section>
  );
}

function Body({ turn, reload }: { turn: Turn; reload(): void }) {
  const { run, status } = turn;
  const isAnswered = status === "answered" && run?.outcome === "completed";
  return (
    <>
      <h2><bdi>{turn.question}</bdi></h2>
      <p class="page-lead">
        Asked of <Link to={{ page: "dataset", name: turn.dataset }}><bdi>{turn.dataset}</bdi></Link>, {moment(turn.created_at)}.{" "}
        <Link to={{ page: "conversation", id: turn.conversation_id, turn: turn.id }}>Open the conversation</Link>
      </p>
      {isAnswered && <Replay run={run} chart={turn.chart ?? null} isAtOnce={tookUs(run) <= AT_ONCE_US} />}
      {status === "running" ? (
        <Notice title="Still being answered" sentence="This question is under way; its answer will be at this address." calm>
          <button class="plain" onClick={reload}>Look again</button>
        </Notice>
      ) : status === "answered" ? (
        <section aria-label="Answer">
          <Sentence view={viewOf(turn)} />
          {run && <Card turn={turn} run={run} isHere={false} />}
        </section>
      ) : (
        <Unanswered turn={turn} />
      )}
    </>
  );
}

export function AnswerPage({ route }: PageProps<"answer">) {
  const { data: turn, problem, reload } = useLoaded(route.id, () => api.turn(route.id));
  return (
    <div class="page">
      <div class="page-column answer-page">
        {turn && <Body key={turn.id} turn={turn} reload={reload} />}
        {!turn && !problem && <Waiting what="the answer" />}
        {!turn && problem?.status === 404 && (
          <Notice title="This answer is not here" sentence="It has been deleted, or the link was cut short on its way." hint="Whoever gave you the link can ask again and send the new one." calm>
            <button class="plain" onClick={() => go({ page: "new" })}>Ask something new</button>
          </Notice>
        )}
        {!turn && problem && problem.status !== 404 && (
          <Notice title="This answer could not be loaded" sentence={problem.message} hint={problem.hint}>
            <button class="plain" onClick={reload}>Retry</button>
          </Notice>
        )}
      </div>
    </div>
  );
}
