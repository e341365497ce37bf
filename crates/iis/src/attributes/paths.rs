//! Owns the paths of the elements that typed views read.
//!
//! Does not own their attributes.

pub(crate) const HANDLERS: &str = "system.webServer/handlers";
pub(crate) const HANDLERS_ADD: &str = "system.webServer/handlers/add";
pub(crate) const FASTCGI: &str = "system.webServer/fastCgi/application";
pub(crate) const FASTCGI_VARIABLE: &str =
    "system.webServer/fastCgi/application/environmentVariables/environmentVariable";
pub(crate) const MIME_MAP: &str = "system.webServer/staticContent/mimeMap";
pub(crate) const CLIENT_CACHE: &str = "system.webServer/staticContent/clientCache";
pub(crate) const FILTERING: &str = "system.webServer/security/requestFiltering";
pub(crate) const FILE_EXTENSIONS: &str =
    "system.webServer/security/requestFiltering/fileExtensions";
pub(crate) const FILE_EXTENSION: &str =
    "system.webServer/security/requestFiltering/fileExtensions/add";
pub(crate) const REQUEST_LIMITS: &str = "system.webServer/security/requestFiltering/requestLimits";
pub(crate) const HEADER_LIMIT: &str =
    "system.webServer/security/requestFiltering/requestLimits/headerLimits/add";
pub(crate) const VERBS: &str = "system.webServer/security/requestFiltering/verbs";
pub(crate) const VERB: &str = "system.webServer/security/requestFiltering/verbs/add";
pub(crate) const HIDDEN_SEGMENT: &str =
    "system.webServer/security/requestFiltering/hiddenSegments/add";
pub(crate) const ALWAYS_ALLOWED_URL: &str =
    "system.webServer/security/requestFiltering/alwaysAllowedUrls/add";
pub(crate) const ALWAYS_ALLOWED_QUERY: &str =
    "system.webServer/security/requestFiltering/alwaysAllowedQueryStrings/add";
pub(crate) const DENIED_URL_SEQUENCE: &str =
    "system.webServer/security/requestFiltering/denyUrlSequences/add";
pub(crate) const DENIED_QUERY_SEQUENCE: &str =
    "system.webServer/security/requestFiltering/denyQueryStringSequences/add";
pub(crate) const HTTP_ERRORS: &str = "system.webServer/httpErrors";
pub(crate) const HTTP_ERROR: &str = "system.webServer/httpErrors/error";
pub(crate) const DEFAULT_DOCUMENT: &str = "system.webServer/defaultDocument";
pub(crate) const DEFAULT_DOCUMENT_FILE: &str = "system.webServer/defaultDocument/files/add";
pub(crate) const DIRECTORY_BROWSE: &str = "system.webServer/directoryBrowse";
pub(crate) const HTTP_PROTOCOL: &str = "system.webServer/httpProtocol";
pub(crate) const CUSTOM_HEADER: &str = "system.webServer/httpProtocol/customHeaders/add";
pub(crate) const REDIRECT_HEADER: &str = "system.webServer/httpProtocol/redirectHeaders/add";
pub(crate) const HTTP_REDIRECT: &str = "system.webServer/httpRedirect";
pub(crate) const HTTP_REDIRECT_ADD: &str = "system.webServer/httpRedirect/add";
pub(crate) const REWRITE_RULE: &str = "system.webServer/rewrite/rules/rule";
pub(crate) const REWRITE_MATCH: &str = "system.webServer/rewrite/rules/rule/match";
pub(crate) const REWRITE_CONDITIONS: &str = "system.webServer/rewrite/rules/rule/conditions";
pub(crate) const REWRITE_CONDITION: &str = "system.webServer/rewrite/rules/rule/conditions/add";
pub(crate) const REWRITE_VARIABLE: &str = "system.webServer/rewrite/rules/rule/serverVariables/set";
pub(crate) const REWRITE_ACTION: &str = "system.webServer/rewrite/rules/rule/action";
pub(crate) const REWRITE_MAP: &str = "system.webServer/rewrite/rewriteMaps/rewriteMap";
pub(crate) const REWRITE_MAP_ADD: &str = "system.webServer/rewrite/rewriteMaps/rewriteMap/add";
pub(crate) const ANONYMOUS: &str =
    "system.webServer/security/authentication/anonymousAuthentication";
pub(crate) const WINDOWS: &str = "system.webServer/security/authentication/windowsAuthentication";
/// Any other section of `<authentication>`: they are off until they are switched on.
pub(crate) const OTHER_AUTHENTICATION: &str = "system.webServer/security/authentication/…";
pub(crate) const AUTHORIZATION_ADD: &str = "system.webServer/security/authorization/add";
pub(crate) const SITE: &str = "system.applicationHost/sites/site";
pub(crate) const BINDING: &str = "system.applicationHost/sites/site/bindings/binding";
pub(crate) const APPLICATION: &str = "system.applicationHost/sites/site/application";
pub(crate) const VIRTUAL_DIRECTORY: &str =
    "system.applicationHost/sites/site/application/virtualDirectory";
