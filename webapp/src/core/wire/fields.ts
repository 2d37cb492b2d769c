/** Fields of the control frames as they cross the wire; names are those of the back end. */

export type AuthFields = { token: string; instance: Uint8Array; attach: number };

export type AuthAnswerFields = {
  authenticated: boolean;
  code: string | null;
  expires_in_ms: number | null;
  user_id: Uint8Array | null;
};

export type PeerOfflineFields = { peer_id: Uint8Array; id: Uint8Array | null };

export type PeerFields = { peer_id: Uint8Array };

export type ErrorFields = { code: string; id: Uint8Array | null };

export type GoingAwayFields = { after_ms: number };

export type TokenExpiringFields = { in_ms: number };
