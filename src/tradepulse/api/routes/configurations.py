"""Trained configurations: found, compared, and set to work."""

from __future__ import annotations

from fastapi import APIRouter

from tradepulse.api.asking import AskedName, AskedPair, Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.engine_control import tell_activated, tell_deactivated
from tradepulse.api.idempotency import IdempotencyKey, answered
from tradepulse.api.shapes.configurations import (
    ActivateBody,
    ActivationAccepted,
    ConfigurationShape,
    DeactivateBody,
    DeactivationAccepted,
    EvidenceShape,
    PromoteBody,
    PromotionShape,
    SummaryShape,
)
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.user import Role
from tradepulse.storage.activating import request_activation, request_deactivation
from tradepulse.storage.venue_rules import Consent

router = APIRouter(
    prefix="/training/configurations", tags=["configurations"], route_class=ConditionalRoute
)


@router.get("")
def list_configurations(
    here: Here,
    paging: Paging,
    pair: AskedPair,
    strategy_name: AskedName | None = None,
    exchange: AskedName | None = None,
    interval: str | None = None,
    stage: Stage | None = None,
    is_active: bool | None = None,
) -> Listed[ConfigurationShape]:
    """Configurations, newest first. Sort also by strategy_name, pair, lifecycle_stage, sharpe,
    total_return, max_drawdown, win_rate, profit_factor or trade_count."""
    with here.database.reading() as tx:
        page = tx.configurations.page(
            strategy_name=strategy_name, exchange=exchange, pair=pair, interval=interval,
            stage=stage, is_active=is_active, **paging,
        )  # fmt: skip
    return Listed[ConfigurationShape].model_validate(page)


@router.get("/stats/summary")
def summary(here: Here) -> SummaryShape:
    """How many there are, by stage, strategy, exchange and pair; and the best by Sharpe ratio."""
    with here.database.reading() as tx:
        return SummaryShape.model_validate(tx.configurations.summary())


@router.get("/{configuration_id}")
def show_configuration(here: Here, configuration_id: str) -> ConfigurationShape:
    """One configuration with its rules, metrics and evidence."""
    with here.database.reading() as tx:
        return ConfigurationShape.model_validate(tx.configurations.get(configuration_id))


@router.post("/{configuration_id}/promote")
def promote(here: Here, configuration_id: str, body: PromoteBody) -> PromotionShape:
    """One stage up, if the evidence says so; `promotion_refused` names every rule that says no.

    The step to MATURE opens the hold-out of its strategy and market, once and for good, after
    everything else has passed.
    """
    from tradepulse.storage.promoting import promote as decide

    # On all that is known of it, whoever traded it: the configuration is common to all.
    decision = decide(
        here.app.database, here.app.bars, configuration_id, Stage(body.to),
        by=here.user.username, now_ms=here.now_ms(), dry_run=body.dry_run,
    )  # fmt: skip
    if not decision.earned and not body.dry_run:
        raise decision.refusal()
    return PromotionShape(
        configuration_id=configuration_id, stage_from=decision.stage_from,
        stage_to=decision.stage_to, earned=decision.earned, promoted=decision.promoted,
        evidence=[EvidenceShape.model_validate(item) for item in decision.evidence],
    )  # fmt: skip


@router.post("/{configuration_id}/activate", status_code=202)
def activate(
    here: Here, configuration_id: str, body: ActivateBody, idempotency_key: IdempotencyKey = None
) -> ActivationAccepted:
    """Run it on a wallet. Accepted is not running: follow its `activation.state` events."""
    now_ms = here.now_ms()
    request = {"command": "activate", "id": configuration_id, **body.model_dump(mode="json")}
    with here.database.transaction() as tx:

        def act() -> ActivationAccepted:
            made = request_activation(
                tx, configuration_id, body.wallet_id,
                now_ms=now_ms, mode=body.mode, feed=body.feed, allotment=body.allotment,
                session_start=body.session_start,
                consent=Consent(
                    body.confirm, admin=here.user.role is Role.ADMIN, by=here.user.username
                ),
            )  # fmt: skip
            return ActivationAccepted(activation_id=made.id, state=made.state)

        answer, is_new = answered(tx, idempotency_key, request, now_ms, ActivationAccepted, act)
    if is_new:
        tell_activated(here, configuration_id)
    return answer


@router.post("/{configuration_id}/deactivate", status_code=202)
def deactivate(
    here: Here,
    configuration_id: str,
    body: DeactivateBody | None = None,
    idempotency_key: IdempotencyKey = None,
) -> DeactivationAccepted:
    """Stop entering; leave by its own exits, or at once with `flatten`."""
    now_ms, flatten = here.now_ms(), body is not None and body.flatten
    request = {"command": "deactivate", "id": configuration_id, "flatten": flatten}
    with here.database.transaction() as tx:

        def act() -> DeactivationAccepted:
            leaving = request_deactivation(tx, configuration_id, now_ms=now_ms, flatten=flatten)
            told = [ActivationAccepted(activation_id=a.id, state=a.state) for a in leaving]
            return DeactivationAccepted(configuration_id=configuration_id, activations=told)

        answer, is_new = answered(tx, idempotency_key, request, now_ms, DeactivationAccepted, act)
    if is_new:
        tell_deactivated(here, configuration_id)
    return answer
