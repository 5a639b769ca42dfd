/** What the Manager's JSON API sends and takes. Fields that a server may leave out are optional. */
export interface OrderView {
  readonly id: string;
  readonly batchId?: string;
  readonly kind: string;
  readonly type?: string;
  readonly state: string;
  readonly reason?: string;
  readonly failure?: string;
  readonly createdAt?: string;
  readonly stateSince?: string;
  readonly requestingMember?: string;
  readonly providingMember?: string;
  /** `<id in the cloud>@<member>`. */
  readonly instanceId?: string;
  readonly ssh?: SshView;
  /** The machine's host key, `ssh-ed25519 AAAA…`, where its provider knows it. */
  readonly sshHostKey?: string;
  readonly title?: string;
  readonly flavor?: string;
  readonly image?: string;
  readonly requirements?: string;
  readonly publicKey?: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly sizeGb?: number;
  readonly network?: NetworkSpec;
  readonly networkOrderIds?: readonly string[];
  readonly attachment?: AttachmentSpec;
  readonly placement?: readonly Verdict[];
  readonly history?: readonly HistoryView[];
}

export interface SshView {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly hostKey?: string;
}

export interface Verdict {
  readonly member: string;
  readonly verdict: string;
}

export interface HistoryView {
  readonly at: string;
  readonly from?: string;
  readonly to: string;
  readonly event: string;
  readonly reason?: string;
  readonly provider?: string;
}

export interface NetworkSpec {
  readonly cidr: string;
  readonly gateway?: string;
  readonly allocation?: string;
}

export interface AttachmentSpec {
  readonly computeOrderId: string;
  readonly volumeOrderId: string;
  readonly device?: string;
}

/** Body of POST /v1/orders. */
export interface NewOrder {
  readonly count?: number;
  readonly kind?: string;
  readonly type?: string;
  readonly title?: string;
  readonly flavor?: string;
  readonly image?: string;
  readonly requirements?: string;
  readonly publicKey?: string;
  readonly userData?: readonly { readonly content: string; readonly contentType: string }[];
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly sizeGb?: number;
  readonly network?: NetworkSpec;
  readonly networkOrderIds?: readonly string[];
  readonly attachment?: AttachmentSpec;
}

export interface Created {
  readonly ids: readonly string[];
}

/** Answer of a dry run: where each would go. */
export interface DryRun {
  /** Only a Manager that knows no dry runs names ids: it has ordered. */
  readonly ids?: readonly string[];
  readonly orders?: readonly { readonly member?: string; readonly decision?: string; readonly reason?: string; readonly placement?: readonly Verdict[] }[];
}

/** A compute, volume, network or attachment: an order with what its cloud says. */
export interface ResourceView extends Partial<OrderView> {
  readonly orderId?: string;
  readonly instanceState?: string;
  readonly sizeGb?: number;
  readonly vcpu?: number;
  readonly ramMb?: number;
  readonly localAddress?: string;
}

export interface MemberView {
  readonly id: string;
  readonly lastSeen?: string;
  readonly self?: boolean;
  /** Named of late; absent where only such are told. */
  readonly alive?: boolean;
}

/** Null where a dimension is not limited. */
export interface AmountView {
  readonly instances: number | null;
  readonly vcpu: number | null;
  readonly ramMb: number | null;
}

export interface QuotaView {
  readonly limit: AmountView;
  readonly used: AmountView;
  readonly usedByCaller?: AmountView;
}

export interface UsageView {
  readonly computeUsage: number;
  readonly storageUsage: number;
}

export interface FlavorView {
  readonly name: string;
  readonly vcpu?: number;
  readonly ramMb?: number;
  readonly diskGb?: number;
}

export interface ImageView {
  readonly name: string;
  readonly id?: string;
  readonly member?: string;
}

export interface AccountingView {
  readonly user: string;
  readonly requestingMember: string;
  readonly providingMember: string;
  readonly usage: number;
  readonly kind?: string;
}

export interface UserView {
  readonly id: string;
  readonly name?: string;
  readonly member?: string;
  readonly quota?: QuotaView;
}

export interface TokenView {
  readonly token: string;
  readonly expiresAt?: string;
}

/** One move of an order. */
export interface EventView {
  readonly position: number;
  readonly orderId: string;
  readonly from?: string | null;
  readonly to: string;
  readonly event: string;
  readonly reason?: string | null;
  readonly at: string;
  readonly provider?: string | null;
  readonly kind?: string;
}
