from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import VaultTokenFields


class RevealVaultToken(BaseModel):
    reveal_vault_token: "RevealVaultTokenRevealVaultTokenRevealedVaultToken"


class RevealVaultTokenRevealVaultTokenRevealedVaultToken(BaseModel):
    typename__: Literal["RevealedVaultToken"] = Field(alias="__typename")
    value: str
    vault_token: "RevealVaultTokenRevealVaultTokenRevealedVaultTokenVaultToken"
    position: str
    is_replay: bool


RevealVaultTokenRevealVaultTokenRevealedVaultTokenVaultToken = VaultTokenFields
RevealVaultToken.model_rebuild()
RevealVaultTokenRevealVaultTokenRevealedVaultToken.model_rebuild()
