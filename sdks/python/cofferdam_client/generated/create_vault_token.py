from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import VaultTokenFields


class CreateVaultToken(BaseModel):
    create_vault_token: "CreateVaultTokenCreateVaultTokenStoredVaultToken"


class CreateVaultTokenCreateVaultTokenStoredVaultToken(BaseModel):
    typename__: Literal["StoredVaultToken"] = Field(alias="__typename")
    vault_token: "CreateVaultTokenCreateVaultTokenStoredVaultTokenVaultToken"
    position: str
    is_replay: bool


CreateVaultTokenCreateVaultTokenStoredVaultTokenVaultToken = VaultTokenFields
CreateVaultToken.model_rebuild()
CreateVaultTokenCreateVaultTokenStoredVaultToken.model_rebuild()
