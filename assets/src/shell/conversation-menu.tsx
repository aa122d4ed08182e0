// SPDX-License-Identifier: Apache-2.0
// What can be done with a conversation as a whole: in its row of the list, and in the bar above it.
import { copyLink, exportConversation, remove, startRenaming } from "../core/actions-keep.js";
import type { Conversation } from "../core/wire.js";
import { Dots } from "../parts/icons.js";
import { Menu, type MenuItem } from "../parts/menu.js";

interface Props {
  conversation: Conversation;
  at: "list" | "bar";
  /** The one that stands where the deleted one stood; null where the page has moved on. */
  removed(next: string | null): void;
}

export function ConversationMenu({ conversation, at, removed }: Props) {
  const items: MenuItem[] = [
    { label: "Copy link", run: () => void copyLink(conversation) },
    { label: "Export as Markdown", run: () => exportConversation(conversation) },
    { label: "Rename", run: () => startRenaming(conversation.id, at) },
    { label: "Delete", bad: true, run: () => void remove(conversation).then(removed) },
  ];
  return <Menu class="tool conversation-menu" label={at === "list" ? `More about ${conversation.title || "Untitled"}` : "More about this conversation"} items={items}><Dots /></Menu>;
}
