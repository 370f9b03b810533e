"""The chat applications policy. Source: AWS Organizations User Guide, chat applications policy syntax."""

from __future__ import annotations

from policylint.policy_types.shape import Container, PolicyType, Setting, Values

CLIENT = Setting(Values("exactly 'enabled' or 'disabled'", one_of=frozenset({"enabled", "disabled"})))
CHANNELS = Setting(Values("'public' or 'private'", one_of=frozenset({"public", "private"})), multi=True)
ROLES = Setting(Values("'user_role' or 'channel_role'", one_of=frozenset({"user_role", "channel_role"})), multi=True)
WORKSPACE_ID = r"[0-9A-Z]{1,255}"
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
GUID_KEY = Values("a GUID in lower case", pattern=GUID)
GUID_OR_ANY = Values("'*' or a GUID in lower case", pattern=rf"\*|{GUID}")

SLACK_SETTINGS = {"supported_channel_types": CHANNELS, "supported_role_settings": ROLES}
SLACK = Container(
    {
        "client": CLIENT,
        "workspaces": Setting(
            Values("'*' or a workspace id of digits and capital letters", pattern=rf"\*|{WORKSPACE_ID}"), multi=True
        ),
        "default": Container(SLACK_SETTINGS),
        "overrides": Container(
            entry=Container(SLACK_SETTINGS),
            entry_names=Values("a workspace id of digits and capital letters", pattern=WORKSPACE_ID),
            entry_noun="workspace",
        ),
    }
)
TEAMS_SETTINGS = {"supported_role_settings": ROLES}
TEAMS = Container(
    {
        "client": CLIENT,
        "tenants": Container(entry=Setting(GUID_OR_ANY, multi=True), entry_names=GUID_OR_ANY, entry_noun="tenant"),
        "default": Container(TEAMS_SETTINGS),
        "overrides": Container(
            entry=Container(entry=Container(TEAMS_SETTINGS), entry_names=GUID_KEY, entry_noun="team"),
            entry_names=GUID_KEY,
            entry_noun="tenant",
        ),
    }
)

CHAT = PolicyType(
    enum="CHATBOT_POLICY",
    folder="chat",
    title="chat applications policy",
    top_key="chatbot",
    content=Container(
        {
            "platforms": Container({"slack": SLACK, "microsoft_teams": TEAMS, "chime": Container({"client": CLIENT})}),
            "default": Container({"client": CLIENT}),
        }
    ),
    size_limit=10_000,
    attach_limit=5,
    organization_limit=1_000,
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_chatbot_syntax.html",
)
