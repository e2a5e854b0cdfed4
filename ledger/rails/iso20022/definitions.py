"""Forms of the messages: root, versions, value, and every field at its path, in the order of ISO's schemas."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from ledger.rails.iso20022.envelopes import Network
from ledger.rails.iso20022.fields import Field, Kind
from ledger.rails.iso20022.notifications import MessageReject, PaymentRequestStatus, ProprietaryNotice, SystemEvent
from ledger.rails.iso20022.values import (
    CancellationRequest,
    CreditTransfer,
    PaymentRequest,
    PaymentReturn,
    PaymentStatus,
    Resolution,
)


class MessageForm(NamedTuple):
    """One message: its definition, the root below `Document`, the versions that are read, and its fields.

    `version` is the one that is written. `repeated` is the element of the one transaction. A message is
    written for a network if it has the name of its wrapper there.
    """

    definition: str
    root: str
    versions: range
    version: int
    value: type[Any]
    repeated: str
    fields: Sequence[Field]
    rtp_wrapper: str = ""
    fednow_wrapper: str = ""


_STATUSES: Final = frozenset(
    {"ACCC", "ACCP", "ACSC", "ACSP", "ACTC", "ACWC", "ACWP", "BLCK", "PATC", "PDNG", "RCVD", "RJCT"}
)
_BEARERS: Final = frozenset({"CRED", "DEBT", "SHAR", "SLEV"})
_METHODS: Final = frozenset({"CLRG", "COVE", "INDA", "INGA"})
_TEXT_MAX: Final = 140


def _original(path: str, network: Network | None = None) -> tuple[Field, ...]:
    """Return the fields that name the original message, in the group for RTP, in the transaction for FedNow."""
    return (
        Field("original_message_id", f"{path}/OrgnlMsgId", network=network),
        Field("original_definition", f"{path}/OrgnlMsgNmId", network=network),
        Field("original_created_at", f"{path}/OrgnlCreDtTm", Kind.INSTANT, network=network),
    )


def _settled_on(path: str, network: Network) -> Field:
    return Field("settled_on", f"{path}/IntrBkSttlmDt", Kind.DAY, network=network)


def _original_ids(path: str) -> tuple[Field, ...]:
    return (
        Field("original_instruction_id", f"{path}/OrgnlInstrId"),
        Field("original_end_to_end_id", f"{path}/OrgnlEndToEndId"),
        Field("original_transaction_id", f"{path}/OrgnlTxId"),
        Field("original_uetr", f"{path}/OrgnlUETR", Kind.UETR),
    )


def _reason(path: str) -> tuple[Field, ...]:
    return (
        Field("reason", f"{path}/Rsn", Kind.CODE_OR_OWN),
        Field("reason_text", f"{path}/AddtlInf", Kind.TEXTS, length=_TEXT_MAX),
    )


_GROUP: Final = (
    Field("message_id", "GrpHdr/MsgId", is_required=True),
    Field("created_at", "GrpHdr/CreDtTm", Kind.INSTANT, is_required=True),
)
_ONE: Final = Field("", "GrpHdr/NbOfTxs", Kind.FIXED, fixed="1")
_SETTLEMENT: Final = (
    Field("settlement_method", "GrpHdr/SttlmInf/SttlmMtd", Kind.CODE, is_required=True, codes=_METHODS),
    Field("clearing_system", "GrpHdr/SttlmInf/ClrSys", Kind.CODE_OR_OWN),
)
_AGENTS: Final = (("instructing_agent", "InstgAgt"), ("instructed_agent", "InstdAgt"))


def _agents(path: str) -> tuple[Field, ...]:
    return tuple(Field(name, f"{path}/{part}", Kind.AGENT) for name, part in _AGENTS)


_TX: Final = "CdtTrfTxInf"
_CREDIT_TRANSFER: Final = (
    *_GROUP,
    _ONE,
    _settled_on("GrpHdr", Network.RTP),
    *_SETTLEMENT,
    Field("instruction_id", f"{_TX}/PmtId/InstrId"),
    Field("end_to_end_id", f"{_TX}/PmtId/EndToEndId", is_required=True),
    Field("transaction_id", f"{_TX}/PmtId/TxId"),
    Field("uetr", f"{_TX}/PmtId/UETR", Kind.UETR),
    Field("clearing_reference", f"{_TX}/PmtId/ClrSysRef"),
    Field("service_level", f"{_TX}/PmtTpInf/SvcLvl", Kind.CODE_OR_OWN),
    Field("local_instrument", f"{_TX}/PmtTpInf/LclInstrm", Kind.CODE_OR_OWN),
    Field("category_purpose", f"{_TX}/PmtTpInf/CtgyPurp", Kind.CODE_OR_OWN),
    Field("amount", f"{_TX}/IntrBkSttlmAmt", Kind.AMOUNT, is_required=True),
    _settled_on(_TX, Network.FEDNOW),
    Field("accepted_at", f"{_TX}/AccptncDtTm", Kind.INSTANT),
    Field("charge_bearer", f"{_TX}/ChrgBr", Kind.CODE, is_required=True, codes=_BEARERS),
    *_agents(_TX),
    Field("debtor_name", f"{_TX}/Dbtr/Nm", length=_TEXT_MAX),
    Field("debtor_account", f"{_TX}/DbtrAcct", Kind.ACCOUNT),
    Field("debtor_agent", f"{_TX}/DbtrAgt", Kind.AGENT),
    Field("creditor_agent", f"{_TX}/CdtrAgt", Kind.AGENT),
    Field("creditor_name", f"{_TX}/Cdtr/Nm", length=_TEXT_MAX),
    Field("creditor_account", f"{_TX}/CdtrAcct", Kind.ACCOUNT),
    Field("purpose", f"{_TX}/Purp", Kind.CODE_OR_OWN),
    Field("remittance", f"{_TX}/RmtInf/Ustrd", Kind.TEXTS, length=_TEXT_MAX),
)

_PAYMENT_STATUS: Final = (
    *_GROUP,
    *_original("OrgnlGrpInfAndSts", Network.RTP),
    *_original("TxInfAndSts/OrgnlGrpInf", Network.FEDNOW),
    *_original_ids("TxInfAndSts"),
    Field("status", "TxInfAndSts/TxSts", Kind.CODE, is_required=True, codes=_STATUSES),
    *_reason("TxInfAndSts/StsRsnInf"),
    Field("accepted_at", "TxInfAndSts/AccptncDtTm", Kind.INSTANT),
    Field("clearing_reference", "TxInfAndSts/ClrSysRef"),
    *_agents("TxInfAndSts"),
    Field("amount", "TxInfAndSts/OrgnlTxRef/IntrBkSttlmAmt", Kind.AMOUNT),
)

_PAYMENT_RETURN: Final = (
    *_GROUP,
    _ONE,
    _settled_on("GrpHdr", Network.RTP),
    *_SETTLEMENT,
    Field("return_id", "TxInf/RtrId"),
    *_original("TxInf/OrgnlGrpInf"),
    *_original_ids("TxInf"),
    Field("original_amount", "TxInf/OrgnlIntrBkSttlmAmt", Kind.AMOUNT),
    Field("amount", "TxInf/RtrdIntrBkSttlmAmt", Kind.AMOUNT, is_required=True),
    _settled_on("TxInf", Network.FEDNOW),
    *_agents("TxInf"),
    *_reason("TxInf/RtrRsnInf"),
)

_ASSIGNMENT: Final = (
    Field("message_id", "Assgnmt/Id", is_required=True),
    Field("assigner", "Assgnmt/Assgnr/Agt", Kind.AGENT),
    Field("assignee", "Assgnmt/Assgne/Agt", Kind.AGENT),
    Field("created_at", "Assgnmt/CreDtTm", Kind.INSTANT, is_required=True),
)

_CANCELLATION_REQUEST: Final = (
    *_ASSIGNMENT,
    Field("case_id", "Case/Id", network=Network.RTP),
    *_original("Undrlyg/OrgnlGrpInfAndCxl", Network.RTP),
    Field("cancellation_id", "Undrlyg/TxInf/CxlId"),
    Field("case_id", "Undrlyg/TxInf/Case/Id", network=Network.FEDNOW),
    *_original("Undrlyg/TxInf/OrgnlGrpInf", Network.FEDNOW),
    *_original_ids("Undrlyg/TxInf"),
    Field("original_amount", "Undrlyg/TxInf/OrgnlIntrBkSttlmAmt", Kind.AMOUNT),
    Field("original_settled_on", "Undrlyg/TxInf/OrgnlIntrBkSttlmDt", Kind.DAY),
    *_reason("Undrlyg/TxInf/CxlRsnInf"),
)

_RESOLUTION: Final = (
    *_ASSIGNMENT,
    Field("case_id", "RslvdCase/Id"),
    Field("status", "Sts/Conf", Kind.CODE, is_required=True, length=4),
    *_original("CxlDtls/TxInfAndSts/OrgnlGrpInf"),
    *_original_ids("CxlDtls/TxInfAndSts"),
    Field("transaction_status", "CxlDtls/TxInfAndSts/TxCxlSts", Kind.CODE, length=4),
    *_reason("CxlDtls/TxInfAndSts/CxlStsRsnInf"),
)

_PAYMENT_REQUEST: Final = (
    *_GROUP,
    _ONE,
    Field("initiator_name", "GrpHdr/InitgPty/Nm", length=_TEXT_MAX),
    Field("request_id", "PmtInf/PmtInfId", is_required=True),
    Field("", "PmtInf/PmtMtd", Kind.FIXED, fixed="TRF"),
    Field("execution_on", "PmtInf/ReqdExctnDt/Dt", Kind.DAY),
    Field("execution_at", "PmtInf/ReqdExctnDt/DtTm", Kind.INSTANT),
    Field("expires_at", "PmtInf/XpryDt/DtTm", Kind.INSTANT),
    Field("debtor_name", "PmtInf/Dbtr/Nm", length=_TEXT_MAX),
    Field("debtor_account", "PmtInf/DbtrAcct", Kind.ACCOUNT),
    Field("debtor_agent", "PmtInf/DbtrAgt", Kind.AGENT),
    Field("instruction_id", "PmtInf/CdtTrfTx/PmtId/InstrId"),
    Field("end_to_end_id", "PmtInf/CdtTrfTx/PmtId/EndToEndId", is_required=True),
    Field("uetr", "PmtInf/CdtTrfTx/PmtId/UETR", Kind.UETR),
    Field("amount", "PmtInf/CdtTrfTx/Amt/InstdAmt", Kind.AMOUNT, is_required=True),
    Field("charge_bearer", "PmtInf/CdtTrfTx/ChrgBr", Kind.CODE, is_required=True, codes=_BEARERS),
    Field("creditor_agent", "PmtInf/CdtTrfTx/CdtrAgt", Kind.AGENT),
    Field("creditor_name", "PmtInf/CdtTrfTx/Cdtr/Nm", length=_TEXT_MAX),
    Field("creditor_account", "PmtInf/CdtTrfTx/CdtrAcct", Kind.ACCOUNT),
    Field("remittance", "PmtInf/CdtTrfTx/RmtInf/Ustrd", Kind.TEXTS, length=_TEXT_MAX),
)

_ANSWERED: Final = "OrgnlPmtInfAndSts/TxInfAndSts"
_PAYMENT_REQUEST_STATUS: Final = (
    *_GROUP,
    Field("initiator_id", "GrpHdr/InitgPty/Id/OrgId/Othr/Id"),
    *_original("OrgnlGrpInfAndSts"),
    Field("original_request_id", "OrgnlPmtInfAndSts/OrgnlPmtInfId"),
    *_original_ids(_ANSWERED)[:2],
    _original_ids(_ANSWERED)[3],
    Field("status", f"{_ANSWERED}/TxSts", Kind.CODE, is_required=True, codes=_STATUSES),
    *_reason(f"{_ANSWERED}/StsRsnInf"),
    Field("amount", f"{_ANSWERED}/OrgnlTxRef/Amt/InstdAmt", Kind.AMOUNT),
    Field("execution_on", f"{_ANSWERED}/OrgnlTxRef/ReqdExctnDt/Dt", Kind.DAY),
    Field("execution_at", f"{_ANSWERED}/OrgnlTxRef/ReqdExctnDt/DtTm", Kind.INSTANT),
)

_MESSAGE_REJECT: Final = (
    Field("related_id", "RltdRef/Ref", is_required=True),
    Field("reason", "Rsn/RjctgPtyRsn", is_required=True),
    Field("rejected_at", "Rsn/RjctnDtTm", Kind.INSTANT),
    Field("location", "Rsn/ErrLctn", length=350),
    Field("reason_text", "Rsn/RsnDesc", length=350),
    Field("detail", "Rsn/AddtlData", length=20_000),
)

_SYSTEM_EVENT: Final = (
    Field("event", "EvtInf/EvtCd", is_required=True, length=4),
    Field("parameters", "EvtInf/EvtParam", Kind.TEXTS),
    Field("text", "EvtInf/EvtDesc", length=1000),
    Field("happened_at", "EvtInf/EvtTm", Kind.INSTANT),
)

_PROPRIETARY: Final = (Field("message_id", "MsgId/Id"), Field("kind", "PrtryData/Tp", is_required=True))

FORMS: Final[Mapping[str, MessageForm]] = {
    form.definition: form
    for form in (
        MessageForm(
            "pacs.008",
            "FIToFICstmrCdtTrf",
            range(6, 14),
            8,
            CreditTransfer,
            _TX,
            _CREDIT_TRANSFER,
            "CreditTransfer",
            "FedNowCustomerCreditTransfer",
        ),
        MessageForm(
            "pacs.002",
            "FIToFIPmtStsRpt",
            range(8, 16),
            10,
            PaymentStatus,
            "TxInfAndSts",
            _PAYMENT_STATUS,
            "MessageStatusReport",
            "FedNowPaymentStatus",
        ),
        MessageForm(
            "pacs.004",
            "PmtRtr",
            range(8, 15),
            10,
            PaymentReturn,
            "TxInf",
            _PAYMENT_RETURN,
            "",
            "FedNowPaymentReturn",
        ),
        MessageForm(
            "camt.056",
            "FIToFIPmtCxlReq",
            range(7, 13),
            8,
            CancellationRequest,
            "Undrlyg/TxInf",
            _CANCELLATION_REQUEST,
            "ReturnOfFunds",
            "FedNowReturnRequest",
        ),
        MessageForm(
            "camt.029",
            "RsltnOfInvstgtn",
            range(8, 14),
            9,
            Resolution,
            "CxlDtls/TxInfAndSts",
            _RESOLUTION,
            "",
            "FedNowReturnRequestResponse",
        ),
        MessageForm(
            "pain.013",
            "CdtrPmtActvtnReq",
            range(7, 12),
            7,
            PaymentRequest,
            "PmtInf/CdtTrfTx",
            _PAYMENT_REQUEST,
            "",
            "FedNowRequestForPayment",
        ),
        MessageForm(
            "pain.014",
            "CdtrPmtActvtnReqStsRpt",
            range(7, 12),
            7,
            PaymentRequestStatus,
            _ANSWERED,
            _PAYMENT_REQUEST_STATUS,
            "ResponsePaymentRequest",
            "FedNowRequestForPaymentResponse",
        ),
        MessageForm(
            "admi.002",
            "admi.002.001.01",
            range(1, 2),
            1,
            MessageReject,
            "",
            _MESSAGE_REJECT,
            "MessageReject",
            "FedNowMessageReject",
        ),
        MessageForm(
            "admi.004",
            "SysEvtNtfctn",
            range(1, 3),
            2,
            SystemEvent,
            "",
            _SYSTEM_EVENT,
            "",
            "FedNowParticipantBroadcast",
        ),
        MessageForm(
            "admi.998",
            "AdmstnPrtryMsg",
            range(1, 4),
            2,
            ProprietaryNotice,
            "",
            _PROPRIETARY,
            "",
            "",
        ),
    )
}
"""The messages that have a typed value, by their definition without its version."""
