from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import VaultTokenFields


class EraseVaultToken(BaseModel):
    erase_vault_token: "EraseVaultTokenEraseVaultTokenStoredVaultToken"


class EraseVaultTokenEraseVaultTokenStoredVaultToken(BaseModel):
    typename__: Literal["StoredVaultToken"] = Field(alias="__typename")
    vault_token: "EraseVaultTokenEraseVaultTokenStoredVaultTokenVaultToken"
    position: str
    is_replay: bool


EraseVaultTokenEraseVaultTokenStoredVaultTokenVaultToken = VaultTokenFields
EraseVaultToken.model_rebuild()
EraseVaultTokenEraseVaultTokenStoredVaultToken.model_rebuild()
