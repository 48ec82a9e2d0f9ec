"""The documents that many tests send."""

REFUSAL = """
    ... on UserError { code message path }
    ... on CreditLimitExceeded { most }
    ... on BalanceCeilingExceeded { most }
"""
TRANSFER = "transfer { id state amount description cancelledBy cancellationReason systemReason }"

PROPOSE = f"""
mutation Propose($input: ProposeTransferInput!) {{
  proposeTransfer(input: $input) {{
    __typename ... on TransferPayload {{ {TRANSFER} }} {REFUSAL}
    ... on InvalidInput {{ problems {{ path code message }} }}
    ... on EntityNotTrading {{ status }}
    ... on IdempotencyKeyReused {{ transferId }}
  }}
}}"""
ACCEPT = f"""
mutation Accept($input: AcceptTransferInput!) {{
  acceptTransfer(input: $input) {{
    __typename ... on TransferPayload {{ {TRANSFER} }}
    ... on UserError {{ code message path }}
    ... on TransferCancelledBySystem {{ reason {TRANSFER} }}
    ... on TransferAlreadyDecided {{ state cancelledBy }}
  }}
}}"""
END = """
mutation End($input: EndTransferInput!) {
  %s(input: $input) {
    __typename ... on TransferPayload { TRANSFER }
    ... on UserError { code message path }
    ... on TransferAlreadyDecided { state cancelledBy }
  }
}""".replace("TRANSFER }", TRANSFER + " }")
REJECT, CANCEL = END % "rejectTransfer", END % "cancelTransfer"

BALANCE = "query Balance($id: ID!) { entity(id: $id) { account { balance } } }"
TRANSFERS = """
query Transfers($id: ID!) {
  entity(id: $id) { transfers(first: 100) { nodes { id state amount cancelledBy } } }
}"""

PROFILE = """
  id version name email telephone incType companyNumber website declaredTurnover description
  address city region postalCode country
  showTelephone showDeclaredTurnover
  showTagsMatchedSinceLastLogin receiveDailyMatchNotificationEmail
  offers { name since } wants { name since }
"""
ENTITY = f"query Entity($id: ID!) {{ entity(id: $id) {{ status {PROFILE} }} }}"
UPDATE_ENTITY = f"""
mutation Update($input: UpdateEntityInput!) {{
  updateEntity(input: $input) {{
    __typename ... on EntityPayload {{ entity {{ {PROFILE} }} }}
    ... on UserError {{ code path }}
    ... on EntityChanged {{ version }}
    ... on InvalidInput {{ problems {{ path code message }} }}
  }}
}}"""
UPDATE_USER = """
mutation Update($input: UpdateUserInput!) {
  updateUser(input: $input) {
    __typename ... on UserPayload { user { firstName lastName telephone email language } }
    ... on InvalidInput { code problems { path code message } }
  }
}"""
APPLY = """
mutation Apply($input: ApplyForTradingInput!) {
  applyForTrading(input: $input) {
    __typename
    ... on ApplyForTradingPayload {
      entity { status version city } user { firstName telephone }
    }
    ... on UserError { code path }
    ... on ApplicationNotPossible { status }
    ... on EntityChanged { version }
    ... on InvalidInput { problems { path code } }
  }
}"""
