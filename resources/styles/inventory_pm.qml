<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology|Labeling|Fields|Forms" labelsEnabled="1" version="3.22.16-Białowieża">
  <renderer-v2 referencescale="-1" attr="ActiCl" forceraster="0" type="categorizedSymbol" symbollevels="0" enableorderby="0">
    <categories>
      <category render="true" symbol="0" label="Active" value="Active" />
      <category render="true" symbol="1" label="Active uncertain" value="Active uncertain" />
      <category render="true" symbol="2" label="Transitional" value="Transitional" />
      <category render="true" symbol="3" label="Relict uncertain" value="Relict uncertain" />
      <category render="true" symbol="4" label="Relict" value="Relict" />
      <category render="true" symbol="5" label="Uncertain" value="Uncertain" />
      <category render="true" symbol="6" label="Activity not judged" value="" />
    </categories>
    <symbols>
      <symbol clip_to_extent="1" force_rhr="0" type="marker" alpha="1" name="0">
        <data_defined_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </data_defined_properties>
        <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="0" name="angle" />
            <Option type="QString" value="square" name="cap_style" />
            <Option type="QString" value="213,94,0,255" name="color" />
            <Option type="QString" value="1" name="horizontal_anchor_point" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="circle" name="name" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="29,37,48,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.3" name="outline_width" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="outline_width_map_unit_scale" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="diameter" name="scale_method" />
            <Option type="QString" value="3" name="size" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="size_map_unit_scale" />
            <Option type="QString" value="MM" name="size_unit" />
            <Option type="QString" value="1" name="vertical_anchor_point" />
          </Option>
          <prop v="0" k="angle" />
          <prop v="square" k="cap_style" />
          <prop v="213,94,0,255" k="color" />
          <prop v="1" k="horizontal_anchor_point" />
          <prop v="bevel" k="joinstyle" />
          <prop v="circle" k="name" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="29,37,48,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.3" k="outline_width" />
          <prop v="3x:0,0,0,0,0,0" k="outline_width_map_unit_scale" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="diameter" k="scale_method" />
          <prop v="3" k="size" />
          <prop v="3x:0,0,0,0,0,0" k="size_map_unit_scale" />
          <prop v="MM" k="size_unit" />
          <prop v="1" k="vertical_anchor_point" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="marker" alpha="1" name="1">
        <data_defined_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </data_defined_properties>
        <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="0" name="angle" />
            <Option type="QString" value="square" name="cap_style" />
            <Option type="QString" value="242,180,138,255" name="color" />
            <Option type="QString" value="1" name="horizontal_anchor_point" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="circle" name="name" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="29,37,48,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.3" name="outline_width" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="outline_width_map_unit_scale" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="diameter" name="scale_method" />
            <Option type="QString" value="3" name="size" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="size_map_unit_scale" />
            <Option type="QString" value="MM" name="size_unit" />
            <Option type="QString" value="1" name="vertical_anchor_point" />
          </Option>
          <prop v="0" k="angle" />
          <prop v="square" k="cap_style" />
          <prop v="242,180,138,255" k="color" />
          <prop v="1" k="horizontal_anchor_point" />
          <prop v="bevel" k="joinstyle" />
          <prop v="circle" k="name" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="29,37,48,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.3" k="outline_width" />
          <prop v="3x:0,0,0,0,0,0" k="outline_width_map_unit_scale" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="diameter" k="scale_method" />
          <prop v="3" k="size" />
          <prop v="3x:0,0,0,0,0,0" k="size_map_unit_scale" />
          <prop v="MM" k="size_unit" />
          <prop v="1" k="vertical_anchor_point" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="marker" alpha="1" name="2">
        <data_defined_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </data_defined_properties>
        <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="0" name="angle" />
            <Option type="QString" value="square" name="cap_style" />
            <Option type="QString" value="230,159,0,255" name="color" />
            <Option type="QString" value="1" name="horizontal_anchor_point" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="circle" name="name" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="29,37,48,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.3" name="outline_width" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="outline_width_map_unit_scale" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="diameter" name="scale_method" />
            <Option type="QString" value="3" name="size" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="size_map_unit_scale" />
            <Option type="QString" value="MM" name="size_unit" />
            <Option type="QString" value="1" name="vertical_anchor_point" />
          </Option>
          <prop v="0" k="angle" />
          <prop v="square" k="cap_style" />
          <prop v="230,159,0,255" k="color" />
          <prop v="1" k="horizontal_anchor_point" />
          <prop v="bevel" k="joinstyle" />
          <prop v="circle" k="name" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="29,37,48,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.3" k="outline_width" />
          <prop v="3x:0,0,0,0,0,0" k="outline_width_map_unit_scale" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="diameter" k="scale_method" />
          <prop v="3" k="size" />
          <prop v="3x:0,0,0,0,0,0" k="size_map_unit_scale" />
          <prop v="MM" k="size_unit" />
          <prop v="1" k="vertical_anchor_point" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="marker" alpha="1" name="3">
        <data_defined_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </data_defined_properties>
        <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="0" name="angle" />
            <Option type="QString" value="square" name="cap_style" />
            <Option type="QString" value="166,211,240,255" name="color" />
            <Option type="QString" value="1" name="horizontal_anchor_point" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="circle" name="name" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="29,37,48,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.3" name="outline_width" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="outline_width_map_unit_scale" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="diameter" name="scale_method" />
            <Option type="QString" value="3" name="size" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="size_map_unit_scale" />
            <Option type="QString" value="MM" name="size_unit" />
            <Option type="QString" value="1" name="vertical_anchor_point" />
          </Option>
          <prop v="0" k="angle" />
          <prop v="square" k="cap_style" />
          <prop v="166,211,240,255" k="color" />
          <prop v="1" k="horizontal_anchor_point" />
          <prop v="bevel" k="joinstyle" />
          <prop v="circle" k="name" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="29,37,48,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.3" k="outline_width" />
          <prop v="3x:0,0,0,0,0,0" k="outline_width_map_unit_scale" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="diameter" k="scale_method" />
          <prop v="3" k="size" />
          <prop v="3x:0,0,0,0,0,0" k="size_map_unit_scale" />
          <prop v="MM" k="size_unit" />
          <prop v="1" k="vertical_anchor_point" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="marker" alpha="1" name="4">
        <data_defined_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </data_defined_properties>
        <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="0" name="angle" />
            <Option type="QString" value="square" name="cap_style" />
            <Option type="QString" value="0,114,178,255" name="color" />
            <Option type="QString" value="1" name="horizontal_anchor_point" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="circle" name="name" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="29,37,48,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.3" name="outline_width" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="outline_width_map_unit_scale" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="diameter" name="scale_method" />
            <Option type="QString" value="3" name="size" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="size_map_unit_scale" />
            <Option type="QString" value="MM" name="size_unit" />
            <Option type="QString" value="1" name="vertical_anchor_point" />
          </Option>
          <prop v="0" k="angle" />
          <prop v="square" k="cap_style" />
          <prop v="0,114,178,255" k="color" />
          <prop v="1" k="horizontal_anchor_point" />
          <prop v="bevel" k="joinstyle" />
          <prop v="circle" k="name" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="29,37,48,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.3" k="outline_width" />
          <prop v="3x:0,0,0,0,0,0" k="outline_width_map_unit_scale" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="diameter" k="scale_method" />
          <prop v="3" k="size" />
          <prop v="3x:0,0,0,0,0,0" k="size_map_unit_scale" />
          <prop v="MM" k="size_unit" />
          <prop v="1" k="vertical_anchor_point" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="marker" alpha="1" name="5">
        <data_defined_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </data_defined_properties>
        <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="0" name="angle" />
            <Option type="QString" value="square" name="cap_style" />
            <Option type="QString" value="153,153,153,255" name="color" />
            <Option type="QString" value="1" name="horizontal_anchor_point" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="circle" name="name" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="29,37,48,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.3" name="outline_width" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="outline_width_map_unit_scale" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="diameter" name="scale_method" />
            <Option type="QString" value="3" name="size" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="size_map_unit_scale" />
            <Option type="QString" value="MM" name="size_unit" />
            <Option type="QString" value="1" name="vertical_anchor_point" />
          </Option>
          <prop v="0" k="angle" />
          <prop v="square" k="cap_style" />
          <prop v="153,153,153,255" k="color" />
          <prop v="1" k="horizontal_anchor_point" />
          <prop v="bevel" k="joinstyle" />
          <prop v="circle" k="name" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="29,37,48,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.3" k="outline_width" />
          <prop v="3x:0,0,0,0,0,0" k="outline_width_map_unit_scale" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="diameter" k="scale_method" />
          <prop v="3" k="size" />
          <prop v="3x:0,0,0,0,0,0" k="size_map_unit_scale" />
          <prop v="MM" k="size_unit" />
          <prop v="1" k="vertical_anchor_point" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="marker" alpha="1" name="6">
        <data_defined_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </data_defined_properties>
        <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="0" name="angle" />
            <Option type="QString" value="square" name="cap_style" />
            <Option type="QString" value="255,255,255,255" name="color" />
            <Option type="QString" value="1" name="horizontal_anchor_point" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="circle" name="name" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="29,37,48,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.3" name="outline_width" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="outline_width_map_unit_scale" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="diameter" name="scale_method" />
            <Option type="QString" value="3" name="size" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="size_map_unit_scale" />
            <Option type="QString" value="MM" name="size_unit" />
            <Option type="QString" value="1" name="vertical_anchor_point" />
          </Option>
          <prop v="0" k="angle" />
          <prop v="square" k="cap_style" />
          <prop v="255,255,255,255" k="color" />
          <prop v="1" k="horizontal_anchor_point" />
          <prop v="bevel" k="joinstyle" />
          <prop v="circle" k="name" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="29,37,48,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.3" k="outline_width" />
          <prop v="3x:0,0,0,0,0,0" k="outline_width_map_unit_scale" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="diameter" k="scale_method" />
          <prop v="3" k="size" />
          <prop v="3x:0,0,0,0,0,0" k="size_map_unit_scale" />
          <prop v="MM" k="size_unit" />
          <prop v="1" k="vertical_anchor_point" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
    </symbols>
    <rotation />
    <sizescale />
  </renderer-v2>
  <labeling type="simple">
    <settings calloutType="simple">
      <text-style fontSizeMapUnitScale="3x:0,0,0,0,0,0" allowHtml="0" capitalization="0" textOpacity="1" fontItalic="0" fontWordSpacing="0" fontLetterSpacing="0" fontKerning="1" legendString="Aa" fontUnderline="0" textOrientation="horizontal" blendMode="0" namedStyle="" multilineHeight="1" fontStrikeout="0" textColor="29,37,48,255" isExpression="0" useSubstitutions="0" fontSize="8" previewBkgrdColor="255,255,255,255" fontSizeUnit="Point" fieldName="WorkingID" fontWeight="50" fontFamily="DejaVu LGC Sans">
        <families />
        <text-buffer bufferBlendMode="0" bufferColor="255,255,255,255" bufferSizeUnits="MM" bufferNoFill="1" bufferSizeMapUnitScale="3x:0,0,0,0,0,0" bufferSize="0.80000000000000004" bufferOpacity="1" bufferDraw="1" bufferJoinStyle="128" />
        <text-mask maskedSymbolLayers="" maskJoinStyle="128" maskType="0" maskSize="1.5" maskSizeMapUnitScale="3x:0,0,0,0,0,0" maskOpacity="1" maskSizeUnits="MM" maskEnabled="0" />
        <background shapeSizeX="0" shapeRotationType="0" shapeSizeY="0" shapeOffsetMapUnitScale="3x:0,0,0,0,0,0" shapeSizeType="0" shapeOpacity="1" shapeDraw="0" shapeRotation="0" shapeRadiiMapUnitScale="3x:0,0,0,0,0,0" shapeSVGFile="" shapeRadiiX="0" shapeBorderWidthUnit="MM" shapeFillColor="255,255,255,255" shapeOffsetUnit="MM" shapeBorderColor="128,128,128,255" shapeType="0" shapeRadiiY="0" shapeSizeUnit="MM" shapeJoinStyle="64" shapeOffsetX="0" shapeBorderWidthMapUnitScale="3x:0,0,0,0,0,0" shapeBlendMode="0" shapeRadiiUnit="MM" shapeBorderWidth="0" shapeSizeMapUnitScale="3x:0,0,0,0,0,0" shapeOffsetY="0">
          <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="fillSymbol">
            <data_defined_properties>
              <Option type="Map">
                <Option type="QString" value="" name="name" />
                <Option name="properties" />
                <Option type="QString" value="collection" name="type" />
              </Option>
            </data_defined_properties>
            <layer enabled="1" class="SimpleFill" pass="0" locked="0">
              <Option type="Map">
                <Option type="QString" value="3x:0,0,0,0,0,0" name="border_width_map_unit_scale" />
                <Option type="QString" value="255,255,255,255" name="color" />
                <Option type="QString" value="bevel" name="joinstyle" />
                <Option type="QString" value="0,0" name="offset" />
                <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
                <Option type="QString" value="MM" name="offset_unit" />
                <Option type="QString" value="128,128,128,255" name="outline_color" />
                <Option type="QString" value="no" name="outline_style" />
                <Option type="QString" value="0" name="outline_width" />
                <Option type="QString" value="MM" name="outline_width_unit" />
                <Option type="QString" value="solid" name="style" />
              </Option>
              <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
              <prop v="255,255,255,255" k="color" />
              <prop v="bevel" k="joinstyle" />
              <prop v="0,0" k="offset" />
              <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
              <prop v="MM" k="offset_unit" />
              <prop v="128,128,128,255" k="outline_color" />
              <prop v="no" k="outline_style" />
              <prop v="0" k="outline_width" />
              <prop v="MM" k="outline_width_unit" />
              <prop v="solid" k="style" />
              <data_defined_properties>
                <Option type="Map">
                  <Option type="QString" value="" name="name" />
                  <Option name="properties" />
                  <Option type="QString" value="collection" name="type" />
                </Option>
              </data_defined_properties>
            </layer>
          </symbol>
        </background>
        <shadow shadowOffsetUnit="MM" shadowRadiusAlphaOnly="0" shadowDraw="0" shadowRadius="1.5" shadowOpacity="0.69999999999999996" shadowUnder="0" shadowOffsetAngle="135" shadowScale="100" shadowRadiusMapUnitScale="3x:0,0,0,0,0,0" shadowOffsetMapUnitScale="3x:0,0,0,0,0,0" shadowOffsetGlobal="1" shadowRadiusUnit="MM" shadowOffsetDist="1" shadowColor="0,0,0,255" shadowBlendMode="6" />
        <dd_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </dd_properties>
        <substitutions />
      </text-style>
      <text-format autoWrapLength="0" rightDirectionSymbol="&gt;" placeDirectionSymbol="0" decimals="3" useMaxLineLengthForAutoWrap="1" plussign="0" leftDirectionSymbol="&lt;" reverseDirectionSymbol="0" wrapChar="" formatNumbers="0" multilineAlign="3" addDirectionSymbol="0" />
      <placement distMapUnitScale="3x:0,0,0,0,0,0" overrunDistanceUnit="MM" rotationAngle="0" fitInPolygonOnly="0" geometryGeneratorEnabled="0" maxCurvedCharAngleOut="-25" rotationUnit="AngleDegrees" offsetType="0" polygonPlacementFlags="2" overrunDistanceMapUnitScale="3x:0,0,0,0,0,0" placement="0" yOffset="0" predefinedPositionOrder="TR,TL,BR,BL,R,L,TSR,BSR" placementFlags="10" overrunDistance="0" dist="0" lineAnchorClipping="0" xOffset="0" priority="5" repeatDistance="0" labelOffsetMapUnitScale="3x:0,0,0,0,0,0" preserveRotation="1" geometryGenerator="" repeatDistanceUnits="MM" lineAnchorPercent="0.5" lineAnchorType="0" centroidInside="0" quadOffset="4" geometryGeneratorType="PointGeometry" distUnits="MM" offsetUnits="MM" centroidWhole="0" maxCurvedCharAngleIn="25" repeatDistanceMapUnitScale="3x:0,0,0,0,0,0" layerType="UnknownGeometry" />
      <rendering scaleMax="100000" scaleMin="0" drawLabels="1" obstacleFactor="1" fontLimitPixelSize="0" displayAll="0" obstacleType="1" minFeatureSize="0" labelPerPart="0" limitNumLabels="0" zIndex="0" maxNumLabels="2000" fontMinPixelSize="0" unplacedVisibility="0" scaleVisibility="1" mergeLines="0" upsidedownLabels="0" obstacle="1" fontMaxPixelSize="10000" />
      <dd_properties>
        <Option type="Map">
          <Option type="QString" value="" name="name" />
          <Option name="properties" />
          <Option type="QString" value="collection" name="type" />
        </Option>
      </dd_properties>
      <callout type="simple">
        <Option type="Map">
          <Option type="QString" value="pole_of_inaccessibility" name="anchorPoint" />
          <Option type="int" value="0" name="blendMode" />
          <Option type="Map" name="ddProperties">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
          <Option type="bool" value="false" name="drawToAllParts" />
          <Option type="QString" value="0" name="enabled" />
          <Option type="QString" value="point_on_exterior" name="labelAnchorPoint" />
          <Option type="QString" value="&lt;symbol clip_to_extent=&quot;1&quot; force_rhr=&quot;0&quot; type=&quot;line&quot; alpha=&quot;1&quot; name=&quot;symbol&quot;&gt;&lt;data_defined_properties&gt;&lt;Option type=&quot;Map&quot;&gt;&lt;Option type=&quot;QString&quot; value=&quot;&quot; name=&quot;name&quot;/&gt;&lt;Option name=&quot;properties&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;collection&quot; name=&quot;type&quot;/&gt;&lt;/Option&gt;&lt;/data_defined_properties&gt;&lt;layer enabled=&quot;1&quot; class=&quot;SimpleLine&quot; pass=&quot;0&quot; locked=&quot;0&quot;&gt;&lt;Option type=&quot;Map&quot;&gt;&lt;Option type=&quot;QString&quot; value=&quot;0&quot; name=&quot;align_dash_pattern&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;square&quot; name=&quot;capstyle&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;5;2&quot; name=&quot;customdash&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;3x:0,0,0,0,0,0&quot; name=&quot;customdash_map_unit_scale&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;MM&quot; name=&quot;customdash_unit&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;0&quot; name=&quot;dash_pattern_offset&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;3x:0,0,0,0,0,0&quot; name=&quot;dash_pattern_offset_map_unit_scale&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;MM&quot; name=&quot;dash_pattern_offset_unit&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;0&quot; name=&quot;draw_inside_polygon&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;bevel&quot; name=&quot;joinstyle&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;60,60,60,255&quot; name=&quot;line_color&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;solid&quot; name=&quot;line_style&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;0.3&quot; name=&quot;line_width&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;MM&quot; name=&quot;line_width_unit&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;0&quot; name=&quot;offset&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;3x:0,0,0,0,0,0&quot; name=&quot;offset_map_unit_scale&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;MM&quot; name=&quot;offset_unit&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;0&quot; name=&quot;ring_filter&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;0&quot; name=&quot;trim_distance_end&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;3x:0,0,0,0,0,0&quot; name=&quot;trim_distance_end_map_unit_scale&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;MM&quot; name=&quot;trim_distance_end_unit&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;0&quot; name=&quot;trim_distance_start&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;3x:0,0,0,0,0,0&quot; name=&quot;trim_distance_start_map_unit_scale&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;MM&quot; name=&quot;trim_distance_start_unit&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;0&quot; name=&quot;tweak_dash_pattern_on_corners&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;0&quot; name=&quot;use_custom_dash&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;3x:0,0,0,0,0,0&quot; name=&quot;width_map_unit_scale&quot;/&gt;&lt;/Option&gt;&lt;prop v=&quot;0&quot; k=&quot;align_dash_pattern&quot;/&gt;&lt;prop v=&quot;square&quot; k=&quot;capstyle&quot;/&gt;&lt;prop v=&quot;5;2&quot; k=&quot;customdash&quot;/&gt;&lt;prop v=&quot;3x:0,0,0,0,0,0&quot; k=&quot;customdash_map_unit_scale&quot;/&gt;&lt;prop v=&quot;MM&quot; k=&quot;customdash_unit&quot;/&gt;&lt;prop v=&quot;0&quot; k=&quot;dash_pattern_offset&quot;/&gt;&lt;prop v=&quot;3x:0,0,0,0,0,0&quot; k=&quot;dash_pattern_offset_map_unit_scale&quot;/&gt;&lt;prop v=&quot;MM&quot; k=&quot;dash_pattern_offset_unit&quot;/&gt;&lt;prop v=&quot;0&quot; k=&quot;draw_inside_polygon&quot;/&gt;&lt;prop v=&quot;bevel&quot; k=&quot;joinstyle&quot;/&gt;&lt;prop v=&quot;60,60,60,255&quot; k=&quot;line_color&quot;/&gt;&lt;prop v=&quot;solid&quot; k=&quot;line_style&quot;/&gt;&lt;prop v=&quot;0.3&quot; k=&quot;line_width&quot;/&gt;&lt;prop v=&quot;MM&quot; k=&quot;line_width_unit&quot;/&gt;&lt;prop v=&quot;0&quot; k=&quot;offset&quot;/&gt;&lt;prop v=&quot;3x:0,0,0,0,0,0&quot; k=&quot;offset_map_unit_scale&quot;/&gt;&lt;prop v=&quot;MM&quot; k=&quot;offset_unit&quot;/&gt;&lt;prop v=&quot;0&quot; k=&quot;ring_filter&quot;/&gt;&lt;prop v=&quot;0&quot; k=&quot;trim_distance_end&quot;/&gt;&lt;prop v=&quot;3x:0,0,0,0,0,0&quot; k=&quot;trim_distance_end_map_unit_scale&quot;/&gt;&lt;prop v=&quot;MM&quot; k=&quot;trim_distance_end_unit&quot;/&gt;&lt;prop v=&quot;0&quot; k=&quot;trim_distance_start&quot;/&gt;&lt;prop v=&quot;3x:0,0,0,0,0,0&quot; k=&quot;trim_distance_start_map_unit_scale&quot;/&gt;&lt;prop v=&quot;MM&quot; k=&quot;trim_distance_start_unit&quot;/&gt;&lt;prop v=&quot;0&quot; k=&quot;tweak_dash_pattern_on_corners&quot;/&gt;&lt;prop v=&quot;0&quot; k=&quot;use_custom_dash&quot;/&gt;&lt;prop v=&quot;3x:0,0,0,0,0,0&quot; k=&quot;width_map_unit_scale&quot;/&gt;&lt;data_defined_properties&gt;&lt;Option type=&quot;Map&quot;&gt;&lt;Option type=&quot;QString&quot; value=&quot;&quot; name=&quot;name&quot;/&gt;&lt;Option name=&quot;properties&quot;/&gt;&lt;Option type=&quot;QString&quot; value=&quot;collection&quot; name=&quot;type&quot;/&gt;&lt;/Option&gt;&lt;/data_defined_properties&gt;&lt;/layer&gt;&lt;/symbol&gt;" name="lineSymbol" />
          <Option type="double" value="0" name="minLength" />
          <Option type="QString" value="3x:0,0,0,0,0,0" name="minLengthMapUnitScale" />
          <Option type="QString" value="MM" name="minLengthUnit" />
          <Option type="double" value="0" name="offsetFromAnchor" />
          <Option type="QString" value="3x:0,0,0,0,0,0" name="offsetFromAnchorMapUnitScale" />
          <Option type="QString" value="MM" name="offsetFromAnchorUnit" />
          <Option type="double" value="0" name="offsetFromLabel" />
          <Option type="QString" value="3x:0,0,0,0,0,0" name="offsetFromLabelMapUnitScale" />
          <Option type="QString" value="MM" name="offsetFromLabelUnit" />
        </Option>
      </callout>
    </settings>
  </labeling>
  <blendMode>0</blendMode>
  <featureBlendMode>0</featureBlendMode>
  <layerGeometryType>0</layerGeometryType>
  <fieldConfiguration>
    <field name="PrimaryID" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="WorkingID" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="Landform" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not stated)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="uncertain (UN)" value="0" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="rock glacier (RG)" value="1" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="not a rock glacier (NO)" value="2" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="AssocRGS" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="Country" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="Morpho" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not judged)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="simple" value="simple" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="complex" value="complex" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="Complet" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not judged)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="complete" value="complete" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="incomplete" value="incomplete" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="uncertain" value="uncertain" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="UpslCon" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not stated)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="talus" value="talus" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="debris-mantled slope" value="debris-mantled slope" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="landslide" value="landslide" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="glacier forefield" value="glacier forefield" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="glacier" value="glacier" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="poly" value="poly" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="other" value="other" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="uncertain" value="uncertain" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="unknown" value="unknown" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="UpslCur" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not judged)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="yes" value="yes" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="no" value="no" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="uncertain" value="uncertain" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="KinAtt" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not judged)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="undefined" value="undefined" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="&lt; cm/yr" value="&lt; cm/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="cm/yr" value="cm/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="cm/yr to dm/yr" value="cm/yr to dm/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="dm/yr" value="dm/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="dm/yr to m/yr" value="dm/yr to m/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="m/yr" value="m/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="&gt; m/yr" value="&gt; m/yr" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="RelKin" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not judged)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="low" value="low" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="medium" value="medium" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="high" value="high" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="KinPeriod" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="ActiAss" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not judged)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="morphology only" value="morphology only" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="with kinematics" value="with kinematics" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="ActiCl" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not judged)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="Active" value="Active" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="Active uncertain" value="Active uncertain" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="Transitional" value="Transitional" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="Relict uncertain" value="Relict uncertain" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="Relict" value="Relict" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="Uncertain" value="Uncertain" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="Destabili" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not judged)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="yes, ongoing" value="yes, ongoing" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="yes, completed" value="yes, completed" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="no" value="no" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="uncertain" value="uncertain" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="Comment" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map">
            <Option name="IsMultiline" value="true" type="bool" />
          </Option>
        </config>
      </editWidget>
    </field>
  </fieldConfiguration>
  <aliases>
    <alias field="PrimaryID" index="0" name="Identifier of the unit (PrimaryID)" />
    <alias field="WorkingID" index="1" name="Local identifier or name (WorkingID)" />
    <alias field="Landform" index="2" name="Is it a rock glacier? (Landform)" />
    <alias field="AssocRGS" index="3" name="Identifier of the system (AssocRGS)" />
    <alias field="Country" index="4" name="Country (Country)" />
    <alias field="Morpho" index="5" name="Morphology (Morpho)" />
    <alias field="Complet" index="6" name="Completeness of the unit (Complet)" />
    <alias field="UpslCon" index="7" name="Connection to the upslope unit (UpslCon)" />
    <alias field="UpslCur" index="8" name="Is the connection current? (UpslCur)" />
    <alias field="KinAtt" index="9" name="Kinematic attribute (KinAtt)" />
    <alias field="RelKin" index="10" name="Its reliability (RelKin)" />
    <alias field="KinPeriod" index="11" name="Period of observation (KinPeriod)" />
    <alias field="ActiAss" index="12" name="Basis of the assessment (ActiAss)" />
    <alias field="ActiCl" index="13" name="Activity class (ActiCl)" />
    <alias field="Destabili" index="14" name="Destabilisation (Destabili)" />
    <alias field="Comment" index="15" name="Comment (Comment)" />
  </aliases>
  <featformsuppress>0</featformsuppress>
  <editorlayout>tablayout</editorlayout>
  <attributeEditorForm>
    <attributeEditorContainer name="Identity" groupBox="0" columnCount="1" showLabel="1" visibilityExpressionEnabled="0" visibilityExpression="">
      <attributeEditorField name="PrimaryID" index="0" showLabel="1" />
      <attributeEditorField name="WorkingID" index="1" showLabel="1" />
      <attributeEditorField name="Landform" index="2" showLabel="1" />
      <attributeEditorField name="AssocRGS" index="3" showLabel="1" />
      <attributeEditorField name="Country" index="4" showLabel="1" />
    </attributeEditorContainer>
    <attributeEditorContainer name="Morphology" groupBox="0" columnCount="1" showLabel="1" visibilityExpressionEnabled="0" visibilityExpression="">
      <attributeEditorField name="Morpho" index="5" showLabel="1" />
      <attributeEditorField name="Complet" index="6" showLabel="1" />
      <attributeEditorField name="UpslCon" index="7" showLabel="1" />
      <attributeEditorField name="UpslCur" index="8" showLabel="1" />
    </attributeEditorContainer>
    <attributeEditorContainer name="Kinematics and activity" groupBox="0" columnCount="1" showLabel="1" visibilityExpressionEnabled="0" visibilityExpression="">
      <attributeEditorField name="KinAtt" index="9" showLabel="1" />
      <attributeEditorField name="RelKin" index="10" showLabel="1" />
      <attributeEditorField name="KinPeriod" index="11" showLabel="1" />
      <attributeEditorField name="ActiAss" index="12" showLabel="1" />
      <attributeEditorField name="ActiCl" index="13" showLabel="1" />
      <attributeEditorField name="Destabili" index="14" showLabel="1" />
    </attributeEditorContainer>
    <attributeEditorContainer name="Remarks" groupBox="0" columnCount="1" showLabel="1" visibilityExpressionEnabled="0" visibilityExpression="">
      <attributeEditorField name="Comment" index="15" showLabel="1" />
    </attributeEditorContainer>
  </attributeEditorForm>
  <editable>
    <field name="PrimaryID" editable="0" />
    <field name="WorkingID" editable="1" />
    <field name="Landform" editable="1" />
    <field name="AssocRGS" editable="1" />
    <field name="Country" editable="1" />
    <field name="Morpho" editable="1" />
    <field name="Complet" editable="1" />
    <field name="UpslCon" editable="1" />
    <field name="UpslCur" editable="1" />
    <field name="KinAtt" editable="1" />
    <field name="RelKin" editable="1" />
    <field name="KinPeriod" editable="1" />
    <field name="ActiAss" editable="1" />
    <field name="ActiCl" editable="1" />
    <field name="Destabili" editable="1" />
    <field name="Comment" editable="1" />
  </editable>
  <previewExpression>coalesce("WorkingID", "PrimaryID")</previewExpression>
</qgis>
