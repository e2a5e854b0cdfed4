"""Refusals of access, each with its code and HTTP status; none tells what another caller has.

Unauthenticated             401  neither an API key nor a token that works
  TokenRefused                   the token is not one of ours, or no longer valid
    TokenMalformed, TokenAlgorithmRefused, TokenKeyUnknown, TokenSignatureWrong,
    TokenIssuerWrong, TokenAudienceWrong, TokenExpired, TokenRevoked
  ProofRefused                   the proof of possession (RFC 9449) does not fit the request
    ProofMissing, ProofMalformed, ProofAlgorithmRefused, ProofSignatureWrong,
    ProofOfAnotherRequest, ProofOutOfTime, ProofOfAnotherKey, ProofReplayed
AddressNotAllowed           403  the key works, and not from this address
SignInRequired              401  the operators' endpoint has no session that works
  ApiKeyNotAccepted              it was given an API key or a token of a partner
CrossSiteRequest            403  the request may come from another site's page
SignInFailed                403  the sign-in with the identity provider did not succeed
  SignInExpired                  it was not begun in this browser, or too long ago
  IdentityRefused                the provider's word is not true, or not for this sign-in
  NoRole                         the operator has no role of this installation
SignInNotConfigured         503  the installation has no identity provider
"""

from typing import ClassVar

from ledger.kernel.errors import Refusal


class AccessRefused(Refusal):
    """The caller is not let in; `status` is the HTTP status of the answer."""

    status: ClassVar[int] = 401


class Unauthenticated(AccessRefused):
    """The request has no valid API key or token."""

    code = "unauthenticated"


class TokenRefused(Unauthenticated):
    """The token is not one of ours, or is no longer valid."""

    code = "token_refused"


class TokenMalformed(TokenRefused):
    """The text is no signed JWT of the type at+jwt."""

    code = "token_malformed"


class TokenAlgorithmRefused(TokenRefused):
    """The header names another algorithm than ours, or none."""

    code = "token_algorithm_refused"


class TokenKeyUnknown(TokenRefused):
    """The header names none of the keys that sign today or signed yesterday."""

    code = "token_key_unknown"


class TokenSignatureWrong(TokenRefused):
    """The signature is not that of the named key."""

    code = "token_signature_wrong"


class TokenIssuerWrong(TokenRefused):
    """The token was issued by somebody else."""

    code = "token_issuer_wrong"


class TokenAudienceWrong(TokenRefused):
    """The token is for somebody else."""

    code = "token_audience_wrong"


class TokenExpired(TokenRefused):
    """The token's time is over, or has not begun."""

    code = "token_expired"


class TokenRevoked(TokenRefused):
    """The API key behind the token was revoked, or has expired."""

    code = "token_revoked"


class ProofRefused(Unauthenticated):
    """The proof of possession does not fit the request."""

    code = "proof_refused"


class ProofMissing(ProofRefused):
    """The token is bound to a key, and the request has no proof of that key."""

    code = "proof_missing"


class ProofMalformed(ProofRefused):
    """The header DPoP is no proof, or there are several."""

    code = "proof_malformed"


class ProofAlgorithmRefused(ProofRefused):
    """The proof's algorithm is none of ours, or symmetric."""

    code = "proof_algorithm_refused"


class ProofSignatureWrong(ProofRefused):
    """The proof is not signed by the key in it."""

    code = "proof_signature_wrong"


class ProofOfAnotherRequest(ProofRefused):
    """The proof is for another method, address or token."""

    code = "proof_of_another_request"


class ProofOutOfTime(ProofRefused):
    """The proof is too old, or from the future."""

    code = "proof_out_of_time"


class ProofOfAnotherKey(ProofRefused):
    """The token is bound to another key than that of the proof."""

    code = "proof_of_another_key"


class ProofReplayed(ProofRefused):
    """The proof was used before."""

    code = "proof_replayed"


class AddressNotAllowed(AccessRefused):
    """The key works, and not from this address."""

    code = "address_not_allowed"
    status = 403


class NotAllowed(AccessRefused):
    """The caller is known, and no policy permits what it asks for, or one forbids it."""

    code = "not_allowed"
    status = 403


class SignInRequired(AccessRefused):
    """The request of an operator has no session that works."""

    code = "sign_in_required"


class ApiKeyNotAccepted(SignInRequired):
    """The operators' endpoint was given an API key or a token of a partner."""

    code = "api_key_not_accepted"


class CrossSiteRequest(AccessRefused):
    """The request may come from a page of another site, in the browser of an operator."""

    code = "cross_site_request"
    status = 403


class SignInFailed(AccessRefused):
    """The sign-in with the identity provider did not succeed."""

    code = "sign_in_failed"
    status = 403


class SignInExpired(SignInFailed):
    """The sign-in was not begun in this browser, or too long ago."""

    code = "sign_in_expired"


class IdentityRefused(SignInFailed):
    """The word of the identity provider is not true, or not meant for this sign-in."""

    code = "identity_refused"


class NoRole(SignInFailed):
    """The operator is known to the identity provider, and has no role here."""

    code = "no_role"


class SignInNotConfigured(AccessRefused):
    """The installation has no identity provider."""

    code = "sign_in_not_configured"
    status = 503


class ProviderUnavailable(SignInNotConfigured):
    """The identity provider does not answer, or not as one."""

    code = "provider_unavailable"
