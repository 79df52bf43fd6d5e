<#
.SYNOPSIS
Reads the hardware hash of the Windows device it runs on, and writes it as a CSV that Groundcrew imports, or registers it at once.

.DESCRIPTION
The hash comes from the MDM bridge: class MDM_DevDetail_Ext01, property DeviceHardwareData, namespace root/cimv2/mdm/dmmap.
That class is there for administrators alone, so the script is run elevated. Nothing on the device is changed.

.PARAMETER OutputFile
The CSV to write. With -Append the device is added to a file that is there.

.PARAMETER GroupTag
Group tag of the device.

.PARAMETER ApiUrl
Address of Groundcrew's API. With it the device is registered at once, for -TenantId, with -Token.

.EXAMPLE
.\Get-GroundcrewHash.ps1 -OutputFile device.csv

.EXAMPLE
.\Get-GroundcrewHash.ps1 -ApiUrl https://groundcrew.example -TenantId 11111111-1111-4111-8111-111111111111 -Token $token -GroupTag Kiosk
#>
[CmdletBinding(DefaultParameterSetName = 'File')]
param(
    [Parameter(Mandatory = $true, ParameterSetName = 'File')] [string] $OutputFile,
    [Parameter(ParameterSetName = 'File')] [switch] $Append,
    [Parameter(Mandatory = $true, ParameterSetName = 'Upload')] [uri] $ApiUrl,
    [Parameter(Mandatory = $true, ParameterSetName = 'Upload')] [guid] $TenantId,
    [Parameter(Mandatory = $true, ParameterSetName = 'Upload')] [string] $Token,
    [string] $GroupTag = ''
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

$details = Get-CimInstance -Namespace 'root/cimv2/mdm/dmmap' -ClassName 'MDM_DevDetail_Ext01' `
    -Filter "InstanceID='Ext' AND ParentID='./DevDetail'"
if ($null -eq $details -or [string]::IsNullOrWhiteSpace($details.DeviceHardwareData)) {
    throw 'This device gives no hardware hash. Run the script elevated, on Windows 10 1703 or later.'
}
$bios = Get-CimInstance -ClassName 'Win32_BIOS'

$device = [pscustomobject] [ordered] @{
    'Device Serial Number' = ([string] $bios.SerialNumber).Trim()
    'Windows Product ID'   = ''
    'Hardware Hash'        = $details.DeviceHardwareData
    'Group Tag'            = $GroupTag
    'Assigned User'        = ''
}
$rows = @($device | ConvertTo-Csv -NoTypeInformation)

if ($PSCmdlet.ParameterSetName -eq 'File') {
    $path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputFile)
    # UTF-8 without a byte order mark, which Windows PowerShell's own cmdlets cannot write.
    $encoding = New-Object System.Text.UTF8Encoding -ArgumentList $false
    if ($Append -and (Test-Path -LiteralPath $path)) {
        [System.IO.File]::AppendAllText($path, $rows[1] + "`r`n", $encoding)
    }
    else {
        [System.IO.File]::WriteAllText($path, ($rows -join "`r`n") + "`r`n", $encoding)
    }
    Write-Output "Wrote $($device.'Device Serial Number') to $path."
    return
}

# Windows PowerShell 5.1 begins with protocols that services no longer speak.
[System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
$request = @{
    Method      = 'Post'
    Uri         = "$($ApiUrl.AbsoluteUri.TrimEnd('/'))/v1/tenants/$TenantId/imports"
    ContentType = 'text/csv; charset=utf-8'
    Headers     = @{ Authorization = "Bearer $Token"; 'Idempotency-Key' = [guid]::NewGuid().ToString() }
    Body        = [System.Text.Encoding]::UTF8.GetBytes(($rows -join "`r`n") + "`r`n")
}
$run = Invoke-RestMethod @request
Write-Output "Accepted as run $($run.id). To watch it: groundcrew runs show $($run.id) --watch"
