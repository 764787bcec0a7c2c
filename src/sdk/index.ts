/**
 * The typed client of Bastion's API, for programs outside of it:
 *
 *     import { createClient, fetchTransport } from 'bastion/sdk';
 *     const bastion = createClient({ transport: fetchTransport({ url: 'https://bastion.example', token }) });
 *     for await (const { items } of pages(bastion.users.list, { role: 'admin' })) …
 */
export type { AccountView, AssetView } from '../api/contract/assets.ts';
export type { AuditView } from '../api/contract/audit.ts';
export type { CommandView, ReviewView, StatisticsView, TransferView } from '../api/contract/commands.ts';
export type { ApiErrorCode } from '../api/contract/common.ts';
export type { ShareView } from '../api/contract/connections.ts';
export type { FileEntry } from '../api/contract/files.ts';
export type { FilterView } from '../api/contract/filters.ts';
export type { GroupView } from '../api/contract/groups.ts';
export type { ReachableView } from '../api/contract/me.ts';
export type { PermissionView } from '../api/contract/permissions.ts';
export type { UploadBody } from '../api/contract/route.ts';
export type { SessionView, WatchEvent } from '../api/contract/sessions.ts';
export type { UserKeyView, UserView } from '../api/contract/users.ts';
export { ApiError, type CallOptions, type Client, createClient } from './client.ts';
export { fetchTransport } from './fetch.ts';
export { pages } from './pages.ts';
export type { SdkRequest, SdkResponse, Transport } from './transport.ts';
