//! Owns the rows of modules that IIS does not come with: URL Rewrite, HttpPlatformHandler that no typed view reads.
//!
//! Does not own what typed views read (`attributes` does).

use super::{ANY, EMPTY, FALSE, Kind, PATH, REQUIRED, Row, TEXT, TRUE, platform, rewrite};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    platform("system.webServer/httpPlatform", "processPath", PATH, EMPTY),
    platform("system.webServer/httpPlatform", "arguments", PATH, EMPTY),
    platform("system.webServer/httpPlatform", "startupTimeLimit", Kind::Number { min: 0, max: 3_600 }, &[("7.0", "120")]),
    platform("system.webServer/httpPlatform", "startupRetryCount", Kind::Number { min: 0, max: 100 }, &[("7.0", "10")]),
    platform("system.webServer/httpPlatform", "rapidFailsPerMinute", Kind::Number { min: 0, max: 100 }, &[("7.0", "10")]),
    platform("system.webServer/httpPlatform", "requestTimeout", Kind::TimeSpan, &[("7.0", "00:02:00")]),
    platform("system.webServer/httpPlatform", "stdoutLogEnabled", Kind::Flag, FALSE),
    platform("system.webServer/httpPlatform", "stdoutLogFile", PATH, &[("7.0", ".\\httpplatform-stdout")]),
    platform("system.webServer/httpPlatform", "processesPerApplication", Kind::Number { min: 1, max: 100 }, &[("7.0", "1")]),
    platform("system.webServer/httpPlatform", "forwardWindowsAuthToken", Kind::Flag, FALSE),

    platform("system.webServer/httpPlatform/recycleOnFileChange/file", "path", PATH, REQUIRED),

    platform("system.webServer/httpPlatform/environmentVariables/environmentVariable", "name", TEXT, REQUIRED),
    platform("system.webServer/httpPlatform/environmentVariables/environmentVariable", "value", TEXT, REQUIRED),

    rewrite("system.webServer/rewrite/allowedServerVariables/add", "name", TEXT, REQUIRED),

    rewrite("system.webServer/rewrite/rules/rule/action", "logRewrittenUrl", Kind::Flag, FALSE),

    rewrite("system.webServer/rewrite/outboundRules", "rewriteBeforeCache", Kind::Flag, FALSE),
    rewrite("system.webServer/rewrite/outboundRules/customTags/tags", "name", TEXT, REQUIRED),
    rewrite("system.webServer/rewrite/outboundRules/customTags/tags/tag", "name", TEXT, REQUIRED),
    rewrite("system.webServer/rewrite/outboundRules/customTags/tags/tag", "attribute", TEXT, REQUIRED),
    rewrite("system.webServer/rewrite/outboundRules/preConditions/preCondition", "name", TEXT, REQUIRED),
    rewrite("system.webServer/rewrite/outboundRules/preConditions/preCondition", "logicalGrouping", Kind::Choice(&["MatchAll", "MatchAny"]), &[("7.0", "MatchAll")]),
    rewrite("system.webServer/rewrite/outboundRules/preConditions/preCondition", "patternSyntax", Kind::Choice(&["ECMAScript", "Wildcard", "ExactMatch"]), &[("7.0", "ECMAScript")]),
    rewrite("system.webServer/rewrite/outboundRules/preConditions/preCondition/add", "input", TEXT, EMPTY),
    rewrite("system.webServer/rewrite/outboundRules/preConditions/preCondition/add", "matchType", Kind::Choice(&["Pattern", "IsFile", "IsDirectory"]), &[("7.0", "Pattern")]),
    rewrite("system.webServer/rewrite/outboundRules/preConditions/preCondition/add", "pattern", TEXT, EMPTY),
    rewrite("system.webServer/rewrite/outboundRules/preConditions/preCondition/add", "ignoreCase", Kind::Flag, TRUE),
    rewrite("system.webServer/rewrite/outboundRules/preConditions/preCondition/add", "negate", Kind::Flag, FALSE),
    rewrite("system.webServer/rewrite/outboundRules/rule", "name", TEXT, REQUIRED),
    rewrite("system.webServer/rewrite/outboundRules/rule", "preCondition", TEXT, EMPTY),
    rewrite("system.webServer/rewrite/outboundRules/rule", "enabled", Kind::Flag, TRUE),
    rewrite("system.webServer/rewrite/outboundRules/rule", "patternSyntax", Kind::Choice(&["ECMAScript", "Wildcard", "ExactMatch"]), &[("7.0", "ECMAScript")]),
    rewrite("system.webServer/rewrite/outboundRules/rule", "stopProcessing", Kind::Flag, FALSE),
    rewrite("system.webServer/rewrite/outboundRules/rule/match", "filterByTags", Kind::Choices(&["None", "A", "Area", "Base", "Form", "Frame", "Head", "IFrame", "Img", "Input", "Link", "Script", "CustomTags"]), &[("7.0", "None")]),
    rewrite("system.webServer/rewrite/outboundRules/rule/match", "customTags", TEXT, EMPTY),
    rewrite("system.webServer/rewrite/outboundRules/rule/match", "serverVariable", TEXT, EMPTY),
    rewrite("system.webServer/rewrite/outboundRules/rule/match", "pattern", TEXT, EMPTY),
    rewrite("system.webServer/rewrite/outboundRules/rule/match", "occurrences", ANY, &[("7.0", "0")]),
    rewrite("system.webServer/rewrite/outboundRules/rule/match", "ignoreCase", Kind::Flag, TRUE),
    rewrite("system.webServer/rewrite/outboundRules/rule/match", "negate", Kind::Flag, FALSE),
    rewrite("system.webServer/rewrite/outboundRules/rule/conditions", "logicalGrouping", Kind::Choice(&["MatchAll", "MatchAny"]), &[("7.0", "MatchAll")]),
    rewrite("system.webServer/rewrite/outboundRules/rule/conditions", "trackAllCaptures", Kind::Flag, TRUE),
    rewrite("system.webServer/rewrite/outboundRules/rule/conditions/add", "input", TEXT, EMPTY),
    rewrite("system.webServer/rewrite/outboundRules/rule/conditions/add", "matchType", Kind::Choice(&["Pattern", "IsFile", "IsDirectory"]), &[("7.0", "Pattern")]),
    rewrite("system.webServer/rewrite/outboundRules/rule/conditions/add", "pattern", TEXT, EMPTY),
    rewrite("system.webServer/rewrite/outboundRules/rule/conditions/add", "ignoreCase", Kind::Flag, TRUE),
    rewrite("system.webServer/rewrite/outboundRules/rule/conditions/add", "negate", Kind::Flag, FALSE),
    rewrite("system.webServer/rewrite/outboundRules/rule/action", "type", Kind::Choice(&["None", "Rewrite"]), &[("7.0", "None")]),
    rewrite("system.webServer/rewrite/outboundRules/rule/action", "value", TEXT, EMPTY),
    rewrite("system.webServer/rewrite/outboundRules/rule/action", "replace", Kind::Flag, TRUE),

    rewrite("system.webServer/rewrite/providers/provider", "name", TEXT, REQUIRED),
    rewrite("system.webServer/rewrite/providers/provider", "type", TEXT, REQUIRED),
    rewrite("system.webServer/rewrite/providers/provider/settings/add", "key", TEXT, REQUIRED),
    rewrite("system.webServer/rewrite/providers/provider/settings/add", "value", TEXT, EMPTY),
    rewrite("system.webServer/rewrite/providers/provider/settings/add", "encryptedValue", TEXT, &[("7.0", "[enc:AesProvider::enc]")]),
];
