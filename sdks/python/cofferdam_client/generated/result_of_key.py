from typing import Annotated, Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .fragments import (  # noqa: F401
    ChangedAccountFields,
    ChangedAccountFieldsAccount,
    ChangedMetadataFields,
    ChangedMetadataFieldsMetadata,
    OpenedAccountFields,
    OpenedAccountFieldsAccount,
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,
    PublishedTemplateFields,
    PublishedTemplateFieldsTemplate,
    WatchedAccountFields,
    WatchedAccountFieldsMonitor,
)


class ResultOfKey(BaseModel):
    result_of_key: Optional[
        Annotated[
            Union[
                "ResultOfKeyResultOfKeyChangedAccount",
                "ResultOfKeyResultOfKeyChangedMetadata",
                "ResultOfKeyResultOfKeyChangedWebhookEndpoint",
                "ResultOfKeyResultOfKeyOpenedAccount",
                "ResultOfKeyResultOfKeyPostedTransfers",
                "ResultOfKeyResultOfKeyPublishedTemplate",
                "ResultOfKeyResultOfKeyScheduledWebhook",
                "ResultOfKeyResultOfKeyStoredVaultToken",
                "ResultOfKeyResultOfKeyWatchedAccount",
            ],
            Field(discriminator="typename__"),
        ]
    ]


class ResultOfKeyResultOfKeyChangedAccount(ChangedAccountFields):
    typename__: Literal["ChangedAccount"] = Field(alias="__typename")


class ResultOfKeyResultOfKeyChangedMetadata(ChangedMetadataFields):
    typename__: Literal["ChangedMetadata"] = Field(alias="__typename")


class ResultOfKeyResultOfKeyChangedWebhookEndpoint(BaseModel):
    typename__: Literal["ChangedWebhookEndpoint"] = Field(alias="__typename")


class ResultOfKeyResultOfKeyOpenedAccount(OpenedAccountFields):
    typename__: Literal["OpenedAccount"] = Field(alias="__typename")


class ResultOfKeyResultOfKeyPostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


class ResultOfKeyResultOfKeyPublishedTemplate(PublishedTemplateFields):
    typename__: Literal["PublishedTemplate"] = Field(alias="__typename")


class ResultOfKeyResultOfKeyScheduledWebhook(BaseModel):
    typename__: Literal["ScheduledWebhook"] = Field(alias="__typename")


class ResultOfKeyResultOfKeyStoredVaultToken(BaseModel):
    typename__: Literal["StoredVaultToken"] = Field(alias="__typename")


class ResultOfKeyResultOfKeyWatchedAccount(WatchedAccountFields):
    typename__: Literal["WatchedAccount"] = Field(alias="__typename")


ResultOfKey.model_rebuild()
