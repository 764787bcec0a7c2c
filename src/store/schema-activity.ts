import type { Generated } from 'kysely';
import type {
  AssetId,
  AuditId,
  CommandId,
  FilterId,
  GrantId,
  ReviewId,
  SessionId,
  TransferId,
  UserId,
} from '../kernel/id.ts';
import type * as m from './model.ts';
import type { Flag } from './schema.ts';

/** The tables of what people did, and of the rules that decide about it. */

export interface SessionsTable {
  id: SessionId;
  grant_id: GrantId;
  user_id: UserId;
  user_name: string;
  asset_id: AssetId;
  asset_name: string;
  account: string;
  protocol: m.Protocol;
  use: m.Use;
  command: string | null;
  destination: string | null;
  label: string | null;
  client_ip: string;
  via: 'ssh' | 'web';
  permission: string;
  started_at: m.Millis;
  ended_at: m.Millis | null;
  state: m.SessionState;
  end_cause: m.EndCause | null;
  end_detail: string | null;
  exit_code: number | null;
  exit_signal: string | null;
  bytes_in: number;
  bytes_out: number;
  recording: m.RecordingState;
  recording_bytes: number | null;
  recording_sha256: string | null;
}

export interface AuditTable {
  /** The order of writing, never reused. */
  seq: number;
  id: AuditId;
  at: m.Millis;
  actor_kind: m.Actor['kind'];
  actor_user_id: UserId | null;
  actor_name: string;
  actor_ip: string | null;
  actor_via: m.Actor['via'];
  action: string;
  outcome: m.AuditDraft['outcome'];
  target_kind: string | null;
  target_id: string | null;
  target_name: string | null;
  reason: string | null;
  details_json: string | null;
  /** Over the row before and this one; null only before the chain began. */
  hash: Buffer | null;
  /** The seal of the hash; null when it was written without a key. */
  mac: Buffer | null;
}

export interface FiltersTable {
  id: FilterId;
  name: string;
  name_key: string;
  comment: string;
  active: Flag;
  priority: number;
  action: m.FilterAction;
  words_json: string;
  regex: string | null;
  match_case: Flag;
  accounts_json: string;
  /** A list that once had names is for nobody when they are gone, not for everybody. */
  for_all_users: Flag;
  for_all_assets: Flag;
  created_at: m.Millis;
  version: Generated<number>;
}

export interface CommandsTable {
  /** The order of writing; `command_text` has the line under it. */
  seq: Generated<number>;
  id: CommandId;
  session_id: SessionId;
  at: m.Millis;
  user_id: UserId;
  user_name: string;
  asset_id: AssetId;
  asset_name: string;
  account: string;
  line: string;
  /** The first word, lower case: what statistics count. */
  word: string;
  confidence: m.Confidence;
  context: m.CommandContext;
  verdict: m.CommandVerdict;
  filter: string | null;
  reviewer: string | null;
  exit_code: number | null;
  reported: string | null;
  cwd: string | null;
  offset_ms: number;
}

export interface ReviewsTable {
  id: ReviewId;
  session_id: SessionId;
  user_id: UserId;
  user_name: string;
  asset_name: string;
  account: string;
  line: string;
  filter: string;
  reviewers_json: string;
  state: m.ReviewState;
  asked_at: m.Millis;
  settled_at: m.Millis | null;
  settled_by: string | null;
}

export interface TransfersTable {
  id: TransferId;
  session_id: SessionId;
  user_id: UserId;
  user_name: string;
  asset_id: AssetId;
  asset_name: string;
  account: string;
  method: m.TransferRow['method'];
  direction: m.TransferDirection;
  path: string;
  started_at: m.Millis;
  ended_at: m.Millis;
  bytes: number;
  sha256: string | null;
  partial: Flag;
  result: m.TransferRow['result'];
  detail: string | null;
}
